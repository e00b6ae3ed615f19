import { writeFileSync } from 'node:fs'
import { Session } from 'node:inspector/promises'

/** Takes a CPU profile of this process. */
export class CpuProfiler {
  private readonly session = new Session()

  /** @param interval - microseconds from one sample to the next */
  async start (interval = 200): Promise<void> {
    this.session.connect()
    await this.session.post('Profiler.enable')
    await this.session.post('Profiler.setSamplingInterval', { interval })
    await this.session.post('Profiler.start')
  }

  /** Writes the profile into a file that browsers and editors open. */
  async stop (file: string): Promise<void> {
    const { profile } = await this.session.post('Profiler.stop')
    this.session.disconnect()
    writeFileSync(file, JSON.stringify(profile))
  }
}
