import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { DistributedModuleOptions } from 'feathers-mesh'
import { FakedClock } from '../../processes/faked-clock'
import type { Command, Outcome, ToTest } from '../../processes/messages'
import type { History } from './checker'
import { readJournal } from './journal'
import type { Settings } from './settings'

/** Milliseconds that a process has to answer a command. */
const PATIENCE_MS = 30_000

/** One process of a world. */
export class Member {
  /** Its wall clock. */
  readonly clock = new FakedClock()
  private readonly child: ChildProcess
  private readonly waiting = new Map<number, (outcome: Outcome) => void>()
  private lastId = 0
  private readonly ready: Promise<unknown>
  readonly ended: Promise<unknown>
  hasEnded = false

  constructor (readonly settings: Settings, program: string, through: readonly string[]) {
    const [execPath, ...execArgv] = [...through, process.execPath]
    this.child = fork(join(programs, `${program}.js`), {
      env: { ...process.env, SETTINGS: JSON.stringify(settings), ...this.clock.env },
      execPath,
      execArgv,
      stdio: ['ignore', 'ignore', 'inherit', 'ipc']
    })
    this.ready = once(this.child, 'message')
    this.ended = once(this.child, 'exit').then(() => {
      this.hasEnded = true
      for (const settle of this.waiting.values()) settle({ error: { name: 'Error', message: 'the process has ended' } })
    })
    this.child.on('message', (message: ToTest) => {
      if ('event' in message) return
      this.waiting.get(message.id)?.(message.outcome)
      this.waiting.delete(message.id)
    })
    this.child.on('error', () => {})
  }

  /** Asks it to do something, and waits until it has. */
  async ask (name: string, argument: unknown = null): Promise<void> {
    await this.ready
    const command: Command = { id: ++this.lastId, name, argument }
    const outcome = new Promise<Outcome>(resolve => { this.waiting.set(command.id, resolve) })
    this.child.send(command, () => {})
    const late = delay(PATIENCE_MS, { error: { name: 'Error', message: 'no answer' } }, { ref: false })
    const settled = await Promise.race([outcome, late])
    if ('error' in settled) throw new Error(`${this.settings.name}, ${name}: ${settled.error.message}`)
  }

  signal (signal: NodeJS.Signals): void {
    this.child.kill(signal)
  }
}

/** Where the programs of a world are, once they are built. */
const programs = join(__dirname, '..', '..', '..', '.build', 'programs', 'chaos', 'history')

let worlds = 0

/** One of the secrets that a world has, one after the other. */
export function secretOf (number: number): string {
  return `secret ${number} of a world of processes`
}

/** A mesh of processes, whose journals outlive them. */
export class World {
  private readonly directory = mkdtempSync(join(tmpdir(), 'feathers-mesh-history-'))
  private readonly environment = `history-${process.pid}-${++worlds}`
  private readonly members: Member[] = []
  private readonly secretFile = join(this.directory, 'secret')

  constructor (private readonly hasSecret: boolean) {
    if (hasSecret) this.setSecrets([secretOf(0)])
  }

  /** Replaces the secrets that all processes read. */
  setSecrets (secrets: readonly string[]): void {
    writeFileSync(`${this.secretFile}.new`, JSON.stringify(secrets))
    renameSync(`${this.secretFile}.new`, this.secretFile)
  }

  /** Starts a process; its name has to be another one than all before it. */
  async start (
    program: 'replica' | 'caller', name: string,
    { seed, options, through = [] }: { seed: number, options: DistributedModuleOptions, through?: readonly string[] }
  ): Promise<Member> {
    const journal = join(this.directory, `${name}.journal`)
    writeFileSync(journal, '')
    const settings: Settings = {
      name,
      journal,
      seed,
      ...this.hasSecret ? { secretFile: this.secretFile } : {},
      options: { environment: this.environment, ...options }
    }
    const member = new Member(settings, program, through)
    this.members.push(member)
    await member.ask('join')
    return member
  }

  /** What was written down until now. */
  history (isGentle: boolean): History {
    return {
      journals: new Map(this.members.map(({ settings: { name, journal } }) => [name, readJournal(journal)])),
      ended: new Set(this.members.filter(({ hasEnded }) => hasEnded).map(({ settings: { name } }) => name)),
      isGentle
    }
  }

  /** Ends all processes. */
  async end (isKept: boolean): Promise<string> {
    for (const member of this.members) member.signal('SIGKILL')
    await Promise.all(this.members.map(async ({ ended }) => await ended))
    for (const { clock } of this.members) clock.remove()
    if (!isKept) rmSync(this.directory, { recursive: true, force: true })
    return this.directory
  }
}
