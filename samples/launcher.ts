import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { stopWhenAsked } from './process'
import type { Ready } from './process'

/** Milliseconds that a process gets to exit before it is killed. */
const patience = 5_000

/** Starts each program of a sample in its own process, and ends all of them together. */
export class Launcher {
  ending = false
  private readonly environment: string
  private readonly children = new Set<ChildProcess>()

  /** @param environment - the name of the mesh. By default, a sample that is started twice makes two meshes */
  constructor (sample: string, private readonly directory: string, environment = `${sample}-${process.pid}`) {
    this.environment = process.env.COTE_ENV ?? environment
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

  /** Starts a program that the sample can't run without. */
  require (program: string, env?: NodeJS.ProcessEnv): ChildProcess {
    return this.run(program, env).once('exit', () => { void this.giveUp(`${program} has ended, and the sample with it`) })
  }

  async end (child: ChildProcess, ask = () => { child.kill('SIGTERM') }): Promise<void> {
    const ended = once(child, 'exit')
    ask()
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
    // Ctrl-C is for all processes of the terminal, and a second signal would end them at once. So this is none.
    await Promise.all([...this.children].map(child => this.end(child, () => { child.disconnect() })))
  }
}

/** Resolves when a program reports that it is ready; rejects when it exits before. */
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
