import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { stopWhenAsked } from './process'
import type { Ready } from './process'

/** Milliseconds that a process has to end by itself. */
const patience = 5_000

/** Starts the programs of a sample, each in a process of its own, and ends all of them together. */
export class Launcher {
  ending = false
  private readonly environment: string
  private readonly children = new Set<ChildProcess>()

  constructor (sample: string, private readonly directory: string) {
    // A sample that is started twice is two meshes: nodes of other environments don't see each other.
    this.environment = process.env.COTE_ENV ?? `${sample}-${process.pid}`
    stopWhenAsked(() => this.endAll())
  }

  run (program: string, env: NodeJS.ProcessEnv = {}): ChildProcess {
    const child = fork(join(this.directory, program), {
      env: { ...process.env, COTE_ENV: this.environment, ...env }
    })
    this.children.add(child)
    child.once('exit', () => this.children.delete(child))
    return child
  }

  /** Starts a program that the sample can't go on without. */
  require (program: string, env?: NodeJS.ProcessEnv): ChildProcess {
    return this.run(program, env).once('exit', () => { void this.giveUp(`${program} has ended, and the sample with it`) })
  }

  async end (child: ChildProcess): Promise<void> {
    const ended = once(child, 'exit')
    child.kill('SIGTERM')
    const timer = setTimeout(() => child.kill('SIGKILL'), patience)
    await ended
    clearTimeout(timer)
  }

  async giveUp (error: unknown): Promise<void> {
    if (this.ending) return
    report(error)
    await this.endAll()
    process.exit(1)
  }

  private async endAll (): Promise<void> {
    this.ending = true
    await Promise.all([...this.children].map(child => this.end(child)))
  }
}

/** Resolves when a program says that it can be used; rejects when it ended before it did. */
export function ready (child: ChildProcess, name: string): Promise<Ready> {
  return new Promise((resolve, reject) => {
    child.once('message', resolve)
    child.once('error', reject)
    child.once('exit', () => reject(new Error(`${name} ended before it was ready`)))
  })
}

export function report (error: unknown): void {
  console.error(error instanceof Error ? error.message : error)
}
