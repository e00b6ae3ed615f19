import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { until } from '../until'

let count = 0
const samples = join(__dirname, '../../.build/samples')

/** The sample as a user starts it: its launcher, with the processes that it starts, in a process group of their own. */
export class SampleProcess {
  output = ''
  private readonly child: ChildProcess
  private readonly ended: Promise<number | null>

  constructor (sample: string, env: NodeJS.ProcessEnv) {
    // The channel that fork makes ends the sample when the test run is killed.
    const launcher = join(samples, sample, 'launch.js')
    // A mesh of its own, as many samples run at once.
    const mesh = { COTE_ENV: `${sample}-test-${process.pid}-${count++}` }
    this.child = fork(launcher, {
      env: { ...process.env, ...mesh, ...env }, silent: true, detached: true, execArgv: []
    })
    this.child.stdout?.on('data', chunk => { this.output += String(chunk) })
    this.child.stderr?.on('data', chunk => { this.output += String(chunk) })
    // 'close' comes when no process holds the output any more, so after the last of the sample's processes.
    this.ended = once(this.child, 'close').then(([code]) => code as number | null)
  }

  /** The URL that the sample prints when it answers. */
  async url (): Promise<string> {
    const [url] = await this.urls(1)
    return url
  }

  /** The URLs of a sample that has several. */
  async urls (count: number): Promise<string[]> {
    return await until('the sample to be ready', () => {
      const found = [...this.output.matchAll(/^feathers-mesh sample: (\S+)$/gm)].map(match => match[1])
      if (found.length < count && this.child.exitCode !== null) throw new Error(`The sample has ended:\n${this.output}`)
      return found.length < count ? undefined : found
    }, 20_000)
  }

  /** Resolves with the launcher's exit code when all of its processes have ended. */
  exit (): Promise<number | null> {
    return this.ended
  }

  /** What a terminal does on Ctrl-C: every process of the group gets the signal. */
  pressCtrlC (): void {
    process.kill(-this.child.pid!, 'SIGINT')
  }

  killLauncher (): void {
    this.child.kill('SIGKILL')
  }

  async end (): Promise<void> {
    this.child.kill('SIGTERM')
    await this.ended
  }
}
