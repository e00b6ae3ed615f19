import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Answer, Command } from './messages'

/** Milliseconds after which a process that has not answered is given up. */
const PATIENCE = 120_000

/** A program of the bench in a process of its own. */
export class Child {
  private readonly process: ChildProcess
  private readonly waiting = new Map<Command['id'] | 'ready', (answer: Answer) => void>()
  private readonly ready: Promise<unknown>
  private readonly ended: Promise<unknown>
  private lastId = 0
  private output = ''

  /**
   * @param program - path of the program within bench, without extension
   * @param folder - where bench lies: in the build of another commit, or here
   */
  constructor (
    private readonly program: string, args: readonly string[] = [], nodeOptions: readonly string[] = [],
    folder = join(__dirname, '..')
  ) {
    const env = { ...process.env, NODE_ENV: 'production' }
    this.process = fork(join(folder, `${program}.js`), args, {
      env, execArgv: ['--expose-gc', '--no-warnings', ...nodeOptions], silent: true
    })
    this.ready = this.answer('ready')
    this.ended = once(this.process, 'exit').then(([code, signal]) => this.giveUp(`has ended with ${code ?? signal}`))
    // What nobody waits for yet must not end the bench.
    this.ready.catch(() => {})
    for (const stream of [this.process.stdout, this.process.stderr]) {
      stream?.on('data', chunk => { this.output = (this.output + String(chunk)).slice(-4_000) })
    }
    this.process.on('message', (answer: Answer) => this.waiting.get(answer.id)?.(answer))
  }

  get pid (): number {
    return this.process.pid ?? 0
  }

  /** Asks it to do something, and gives what it answers. */
  async ask<T> (name: string, argument: unknown = null): Promise<T> {
    await this.ready
    if (!this.process.connected) throw new Error(`${this.program} has ended\n${this.output}`)
    const id = ++this.lastId
    const answer = this.answer(id)
    this.process.send({ id, name, argument } satisfies Command)
    return await answer as T
  }

  /** Ends it without giving it a chance, and waits for that. */
  async kill (): Promise<void> {
    this.process.kill('SIGKILL')
    await this.ended
  }

  /** Ends it well, so that it writes what Node writes at exit. */
  async end (): Promise<void> {
    if (this.process.connected) this.process.disconnect()
    await this.ended
  }

  private async answer (id: Command['id'] | 'ready'): Promise<unknown> {
    const what = id === 'ready' ? 'did not start' : `did not answer command ${id}`
    const timer = setTimeout(() => this.giveUp(what), PATIENCE)
    try {
      const answer = await new Promise<Answer>(resolve => { this.waiting.set(id, resolve) })
      if ('error' in answer) throw new Error(`${this.program}: ${answer.error}\n${this.output}`)
      return 'value' in answer ? answer.value : undefined
    } finally {
      clearTimeout(timer)
      this.waiting.delete(id)
    }
  }

  private giveUp (why: string): void {
    for (const [id, settle] of this.waiting) settle({ id: Number(id), error: why })
  }
}
