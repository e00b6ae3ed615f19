import { connect } from 'node:net'
import { TestProcess } from '../process'
import { until } from '../until'
import { frame, type DiscoveryPort } from '../transport/cote/wire'
import { SECRET } from './mesh-of'

/** What a raw client gets for a request, as far as it can see. */
export interface Answer {
  readonly kind: 'a value' | 'an error' | 'nothing' | 'a closed connection' | 'the end of the process'
  /** What came with it, as it came. */
  readonly text: string
}

export interface VictimKind {
  /** The package that the plugin of the node is imported from. */
  readonly plugin: string
  readonly secret?: string
}

/** The kinds of nodes, by what the table calls them. */
export const KINDS: Readonly<Record<string, VictimKind>> = {
  'feathers-distributed 2.4': { plugin: 'feathers-distributed-2' },
  'feathers-distributed 3.0': { plugin: 'feathers-distributed-3' },
  'ours, open': { plugin: 'feathers-mesh' },
  'ours, `secret`': { plugin: 'feathers-mesh', secret: SECRET }
}

/** Below the ports that systems give, and beside those of other tests. */
const FIRST_PORT = 30_200 + process.pid % 1_000
const PORTS = 12
let victims = 0

/** A node of some kind in a separate process, for raw clients; it is restarted when it has exited. */
export class Victim {
  private readonly environment = `victim-${process.pid}-${++victims}`
  private readonly basePort = FIRST_PORT + victims * PORTS
  private node: TestProcess | undefined
  private port = 0

  constructor (private readonly kind: VictimKind, private readonly discovery: DiscoveryPort) {}

  /** Starts the node, unless it lives, and waits until it answers, or can't. */
  async live (): Promise<void> {
    if (this.node !== undefined && await this.lives(this.node)) return
    const { plugin, secret } = this.kind
    const options = {
      key: 'victim', services: ['open', 'closed'], distributedMethods: ['find', 'get', 'remove'], secret,
      publicationDelay: 10, componentDelay: 10,
      cote: {
        broadcast: '127.255.255.255', basePort: this.basePort, highestPort: this.basePort + PORTS - 1,
        helloInterval: 200, log: false
      }
    }
    this.node = new TestProcess('victim-node', {
      ...process.env, COTE_ENV: this.environment, PLUGIN: plugin, VICTIM_OPTIONS: JSON.stringify(options)
    })
    await this.node.hears('obeys')
    const from = this.discovery.hellos.length
    await this.node.ask('start')
    // A node with encrypted hellos uses the port that it was given.
    this.port = secret === undefined ? await this.heardPort(from) : this.basePort
  }

  /** Asks as a raw client of cote does that has said, or done, something before; other bytes are said as they are. */
  async ask (request: object | Buffer, before: Buffer = Buffer.alloc(0)): Promise<Answer> {
    const socket = connect(this.port, '127.0.0.1').on('error', () => {})
    let received = ''
    let closed = false
    socket.setEncoding('latin1').on('data', chunk => { received += chunk }).once('close', () => { closed = true })
    const say = (id: string, said: object): void => {
      socket.write(frame(`j:${JSON.stringify({ key: 'victim', ...said })}`, `s:${id}`))
    }
    const has = (id: string): boolean => closed || received.includes(`s:${id}`)
    try {
      socket.write(before)
      if (Buffer.isBuffer(request)) socket.write(request)
      else say('<the id>', request)
      // Behind it, a good request, twice: what has no answer by then gets none.
      for (const id of ['<behind it>', '<last>']) {
        say(id, { type: 'find', path: 'open' })
        await until('an answer, or the end', () => has(id))
      }
    } finally {
      socket.destroy()
    }
    const text = /^.*?s:<the id>/s.exec(received)?.[0] ?? ''
    return { kind: await this.kindOf(text, received.includes('<last>')), text }
  }

  async end (): Promise<void> {
    await this.node?.kill()
  }

  private async kindOf (text: string, servesOn: boolean): Promise<Answer['kind']> {
    // An error has two arguments, a value three: null, the value, and the id.
    if (text !== '') return text.charCodeAt(text.lastIndexOf('j:null') - 5) === 0x13 ? 'a value' : 'an error'
    if (servesOn) return 'nothing'
    return this.node !== undefined && await this.lives(this.node) ? 'a closed connection' : 'the end of the process'
  }

  private async lives (node: TestProcess): Promise<boolean> {
    return 'value' in await node.try('lives')
  }

  private async heardPort (from: number): Promise<number> {
    const found = await until('the port of its responder', () => this.discovery.hellos.slice(from).find(packet => {
      const { key, name } = packet.data.advertisement as { key: string, name?: string }
      return key.startsWith(`${this.environment}$$`) || key.startsWith(`${this.environment}:$$`)
        ? name === 'feathers services responder'
        : false
    }))
    return found.data.advertisement.port
  }
}
