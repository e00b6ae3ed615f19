import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect, Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import ts from 'typescript'
import type { Transport } from 'feathers-mesh'
import type { TransportHost } from 'feathers-mesh/transport'
import type { ConformanceHooks } from 'feathers-mesh/testing'
import { resourcesOf } from '../resources'
import { PipeTransport } from './pipe-transport'

const BUILD = join(__dirname, '../../../.build')

/** Makes programs of files of this folder, so that no build has to come first; returns their folder. */
export function compile (...names: string[]): string {
  mkdirSync(BUILD, { recursive: true })
  const folder = mkdtempSync(join(BUILD, 'pipe-'))
  const compilerOptions = {
    module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022, experimentalDecorators: true,
    emitDecoratorMetadata: true
  }
  for (const name of names) {
    const source = readFileSync(join(__dirname, `${name}.ts`), 'utf8')
    writeFileSync(join(folder, `${name}.js`), ts.transpileModule(source, { compilerOptions }).outputText)
  }
  return folder
}

/** A hub, in a process of its own. */
export class PipeHub {
  readonly path = join(mkdtempSync(join(tmpdir(), 'mesh-pipe-')), 'hub')
  private readonly process: ChildProcess

  /** @param program - the compiled hub */
  constructor (program: string) {
    this.process = fork(program, [this.path])
  }

  async whenListening (): Promise<void> {
    await once(this.process, 'message')
  }

  /** Has the hub bring about a fault. */
  async fault (...fault: [kind: 'cut', one: string, other: string] | [kind: 'kill', node: string]): Promise<void> {
    const done = once(this.process, 'message')
    this.process.send(fault)
    await done
  }

  async stop (): Promise<void> {
    const exited = once(this.process, 'exit')
    this.process.kill()
    await exited
    rmSync(join(this.path, '..'), { recursive: true, force: true })
  }
}

/** A mesh of pipe transports in this process, and what breaks it. */
export class PipeUnderTest {
  private readonly transports = new Map<string, Transport>()

  constructor (private readonly hub: PipeHub, private readonly maxMessageSize: number) {}

  transport (): Transport {
    const transport = new PipeTransport(this.hub.path, this.maxMessageSize)
    const start = transport.start.bind(transport)
    transport.start = async (host: TransportHost) => {
      this.transports.set(host.id, transport)
      await start(host)
    }
    return transport
  }

  hooks (): ConformanceHooks {
    return {
      cut: async (one, other) => await this.hub.fault('cut', one, other),
      kill: async node => await this.hub.fault('kill', node),
      deafen: node => this.deafen(node),
      inject: async (_node, bytes) => await this.inject(bytes),
      malformed,
      maxMessageSize: this.maxMessageSize
    }
  }

  private deafen (node: string): () => void {
    const sockets = resourcesOf(this.transports.get(node)).filter(resource => resource instanceof Socket)
    for (const socket of sockets) socket.pause()
    return () => { for (const socket of sockets) socket.resume() }
  }

  /** Strangers reach nodes by way of the hub. */
  private async inject (bytes: Buffer): Promise<void> {
    const socket = connect(this.hub.path)
    socket.on('error', () => {})
    socket.end(bytes)
    socket.resume()
    await new Promise<void>(resolve => socket.once('close', () => resolve()))
  }
}

const VALUE = { plain: true, text: '{"type":"find","path":"todos","key":"default"}' }
const BODIES: unknown[] = [
  null, 7, 'text', [], {}, { plain: true }, { plain: true, text: 7 }, { plain: true, text: '{' },
  { plain: false, text: '[[9]]' }, { plain: false, text: '[[1],["__proto__"]]' }, { ...VALUE, beside: 7 },
  { ...VALUE, beside: '[[' }, { plain: true, text: 'null' }, { plain: true, text: '{"type":7}' },
  { error: 7 }, { error: { plain: true, text: '{' }, value: 7 }, { value: { plain: false, text: '[]' } },
  { plain: true, text: '{"path":"todos","event":7}' }, { plain: true, text: `${'['.repeat(50_000)}` }
]
const KINDS = ['request', 'reply', 'cancel', 'event', 'revision', 'done', '__proto__', null, 7]
const IDS = [0, -1, 0.5, 1e300, null, 'text', {}, [], '__proto__']

let strangers = 0

/** A stranger that joins and says these lines to both nodes that are looked at. */
function say (...messages: unknown[][]): Buffer {
  const lines = messages.flatMap(message => ['host', 'bystander'].map(node => [node, ...message]))
  const all = [[null, 'join', `stranger ${strangers++}`, 'default'], ...lines]
  return Buffer.from(all.map(line => `${JSON.stringify(line)}\n`).join(''))
}

/** Lines that the hub passes on, with everything wrong that can be wrong behind the name of who gets them. */
const malformed: readonly Buffer[] = [
  ...KINDS.map(kind => say(...IDS.flatMap(id => BODIES.map(body => [kind, id, body])))),
  say([], [null], [[[]]], ['request'], ['request', 1]),
  Buffer.from('[null,"join","__proto__",""]\n[]\n[null]\n["__proto__"]\n[{}]\n'),
  Buffer.from('[null,"join",7,8]\n'), Buffer.from('[null,"join","host","default"]\n["bystander","done",0]\n')
]
