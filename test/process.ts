import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import type { Command, Outcome, PlainError, ToTest } from './processes/messages'
import { atMost, PATIENCE, until } from './until'

const directory = join(__dirname, '../.build/programs/processes')

let environments = 0

/** A program of test/processes in an operating-system process of its own. */
export class TestProcess {
  /** All messages of the process, in order. */
  readonly events: Array<{ readonly event: string, readonly value: unknown }> = []
  private output = ''
  private lastId = 0
  private exitCode: number | NodeJS.Signals | undefined
  private readonly child: ChildProcess
  private readonly ended: Promise<number | NodeJS.Signals>
  private readonly waiting = new Map<number, (outcome: Outcome) => void>()

  /** @param through - a command that becomes the program: `ip netns exec …` */
  constructor (private readonly program: string, env: NodeJS.ProcessEnv, through: readonly string[] = []) {
    const [execPath, ...execArgv] = [...through, process.execPath]
    this.child = fork(join(directory, `${program}.js`), { env, silent: true, execPath, execArgv })
    this.child.stdout?.on('data', chunk => { this.output += String(chunk) })
    this.child.stderr?.on('data', chunk => { this.output += String(chunk) })
    this.child.on('message', (message: ToTest) => this.hear(message))
    this.child.on('error', error => { this.output += String(error) })
    this.ended = new Promise(resolve => {
      // 'close' comes behind the last of its output and its messages.
      this.child.once('close', (code: number | null, signal: NodeJS.Signals) => {
        this.exitCode = code ?? signal
        const error = { name: 'Error', message: this.explain('has ended') }
        for (const settle of this.waiting.values()) settle({ error })
        resolve(this.exitCode)
      })
    })
  }

  /** What it wrote to its standard output and error. */
  get printed (): string {
    return this.output
  }

  /** Asks the program to do something, and gives what it answers; what the program throws, this throws. */
  async ask<T> (name: string, argument: unknown = null): Promise<T> {
    const outcome = await this.try(name, argument)
    if ('error' in outcome) throw toError(outcome.error)
    return outcome.value as T
  }

  /** As {@link ask}, for those who want the error as well. */
  async try (name: string, argument: unknown = null): Promise<Outcome> {
    const command: Command = { id: ++this.lastId, name, argument }
    const outcome = new Promise<Outcome>(resolve => { this.waiting.set(command.id, resolve) })
    this.child.send(command, error => {
      if (error !== null) this.settle(command.id, { error: { name: error.name, message: this.explain(error.message) } })
    })
    // Longer than the longest call: a call that never ends is named by the call, not by this.
    return await atMost(2 * PATIENCE, outcome, () => this.explain(`did not answer '${name}'`))
  }

  /** The messages under a name, in order. */
  told<T> (event: string): T[] {
    return this.events.filter(told => told.event === event).map(({ value }) => value as T)
  }

  /** Waits for a number of messages under a name. */
  async hears<T> (event: string, times = 1): Promise<T[]> {
    return await this.until(`'${event}', ${times} times`, () => {
      const told = this.told<T>(event)
      return told.length >= times ? told : undefined
    })
  }

  /** Polls a condition; fails with what the program printed. */
  async until<T> (what: string, ask: () => T | Promise<T>): Promise<NonNullable<T>> {
    return await until(what, async () => {
      const answer = await ask()
      if (!answer && this.exitCode !== undefined) throw new Error(this.explain(`has ended without ${what}`))
      return answer
    }).catch(error => { throw new Error(this.explain((error as Error).message)) })
  }

  /** Sends SIGTERM, waits until the process has exited on its own, and returns its exit code. */
  async stop (): Promise<number | NodeJS.Signals> {
    this.child.kill('SIGTERM')
    return await atMost(PATIENCE, this.ended, () => this.explain('did not end after SIGTERM'))
  }

  /** Sends a signal, whatever comes of it. */
  signal (signal: NodeJS.Signals): void {
    this.child.kill(signal)
  }

  /** Ends the process without giving it a chance. */
  async kill (): Promise<void> {
    this.child.kill('SIGKILL')
    await this.ended
  }

  /** Resolves with the exit code of a process that exits on its own. */
  async end (): Promise<number | NodeJS.Signals> {
    return await atMost(PATIENCE, this.ended, () => this.explain('did not end by itself'))
  }

  private hear (message: ToTest): void {
    if ('event' in message) this.events.push(message)
    else this.settle(message.id, message.outcome)
  }

  private settle (id: number, outcome: Outcome): void {
    this.waiting.get(id)?.(outcome)
    this.waiting.delete(id)
  }

  private explain (what: string): string {
    const state = this.exitCode === undefined ? 'runs' : `has ended with ${this.exitCode}`
    return `${this.program} (process ${this.child.pid ?? 'none'}, ${state}): ${what}\n${this.output}`
  }
}

/** The processes of each test, or of all tests together: they have a mesh of their own, and no process outlives it. */
export class TestProcesses {
  private environment = ''
  private readonly running: TestProcess[] = []

  constructor (scope: 'each' | 'all' = 'each') {
    const [before, after] = scope === 'each' ? [beforeEach, afterEach] : [beforeAll, afterAll]
    // Nodes of other environments are invisible, so concurrent tests can share the default port.
    before(() => { this.environment = `test-${process.pid}-${++environments}` })
    after(async () => await this.endAll())
  }

  /** Starts a program, and waits until it takes commands. */
  async run (program: string, env: NodeJS.ProcessEnv = {}, through?: readonly string[]): Promise<TestProcess> {
    const started = new TestProcess(program, { ...process.env, COTE_ENV: this.environment, ...env }, through)
    this.running.push(started)
    await started.hears('obeys')
    return started
  }

  /** Ends those that run without giving them a chance. */
  async endAll (): Promise<void> {
    await Promise.all(this.running.splice(0).map(async running => await running.kill()))
  }
}

function toError ({ message, ...fields }: PlainError): Error {
  const error = new Error(message)
  for (const [name, value] of Object.entries(fields)) Object.defineProperty(error, name, { value, enumerable: true })
  return error
}
