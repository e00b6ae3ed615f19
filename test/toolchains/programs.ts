import { spawn } from 'node:child_process'
import type { ChildProcess, StdioOptions } from 'node:child_process'

/** Longer than any step takes on a busy machine. */
const PATIENCE = 300_000

/** A program that failed, with what it printed. */
export class Failed extends Error {}

export interface Program {
  readonly command: string
  readonly args: readonly string[]
  readonly cwd: string
  readonly env?: NodeJS.ProcessEnv
}

/** Those that run now. */
const alive = new Set<Running>()

/** Ends all programs immediately. */
export function endAll (): void {
  for (const running of alive) running.kill('SIGKILL')
}

/** A program that runs, and is ended with all that it started. */
export class Running {
  private printed = ''
  private readonly child: ChildProcess
  private readonly ended: Promise<number | NodeJS.Signals>
  private readonly changed = new Set<() => void>()

  constructor (private readonly program: Program) {
    const { command, args, cwd, env } = program
    // A group of its own: tools start others, and those have to end as well.
    const stdio: StdioOptions = ['ignore', 'pipe', 'pipe']
    this.child = spawn(command, args, { cwd, detached: true, env: { ...process.env, ...env }, stdio })
    alive.add(this)
    const add = (text: unknown) => {
      this.printed += String(text)
      for (const look of this.changed) look()
    }
    this.child.stdout?.on('data', add)
    this.child.stderr?.on('data', add)
    this.ended = new Promise(resolve => {
      this.child.once('error', error => { add(error); resolve(1) })
      this.child.once('close', (code, signal) => {
        alive.delete(this)
        resolve(code ?? signal ?? 1)
      })
    })
  }

  /** What it printed when it ended well. */
  async end (patience = PATIENCE): Promise<string> {
    const code = await this.within(patience, this.ended)
    if (code !== 0) throw this.failed(`ended with ${code}`)
    return this.printed
  }

  /** Resolves when it has printed something. */
  async prints (text: string): Promise<void> {
    let look = (): void => {}
    const seen = new Promise<void>(resolve => {
      look = () => { if (this.printed.includes(text)) resolve() }
      this.changed.add(look)
      look()
    })
    const outcome = await this.within(PATIENCE, Promise.race([seen, this.ended]))
    this.changed.delete(look)
    if (outcome !== undefined) throw this.failed(`ended with ${outcome} before it printed '${text}'`)
  }

  /** Asks it to end, and ends it with all that it started where it does not. */
  async stop (): Promise<void> {
    this.kill('SIGTERM')
    await this.within(10_000, this.ended).catch(() => this.kill('SIGKILL'))
  }

  private async within<T> (ms: number, promise: Promise<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => {
        this.kill('SIGKILL')
        reject(this.failed(`did not end within ${ms} ms`))
      }, ms)
    })
    return await Promise.race([promise, late]).finally(() => clearTimeout(timer))
  }

  kill (signal: NodeJS.Signals): void {
    const { pid } = this.child
    if (pid === undefined) return
    try {
      process.kill(-pid, signal)
    } catch {
      // The group is gone: all of it has ended.
    }
  }

  private failed (what: string): Failed {
    const { command, args } = this.program
    return new Failed(`${[command, ...args].join(' ')} ${what}:\n${this.printed}`)
  }
}

/** Runs a program to its end; gives what it printed. */
export async function run (program: Program, patience?: number): Promise<string> {
  return await new Running(program).end(patience)
}
