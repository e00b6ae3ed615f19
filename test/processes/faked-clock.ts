import { existsSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const LIBRARY = '/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1'

/** Why no clock of a process can be set here; undefined if it can. In CI nothing is left out: there it fails. */
export function whyNoFakedClock (): string | undefined {
  if (process.env.CI !== undefined || existsSync(LIBRARY)) return undefined
  return `${LIBRARY} is missing (apt-get install libfaketime)`
}

/** The wall clock of a process, which a test steps as an operator or NTP would. The monotonic clock stays as it is. */
export class FakedClock {
  private readonly directory = mkdtempSync(join(tmpdir(), 'faked-clock-'))
  private readonly file = join(this.directory, 'offset')

  /** @param offsetS - seconds that it is ahead from the start */
  constructor (offsetS = 0) {
    this.step(offsetS)
  }

  /** What makes a process use it. */
  get env (): NodeJS.ProcessEnv {
    return {
      LD_PRELOAD: LIBRARY, FAKETIME_TIMESTAMP_FILE: this.file, FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1', DONT_FAKE_MONOTONIC: '1'
    }
  }

  /** From now on, it is this many seconds ahead of the clock of the machine. */
  step (offsetS: number): void {
    // Renamed, so that it is never read half written.
    writeFileSync(`${this.file}.new`, `${offsetS < 0 ? '-' : '+'}${Math.abs(offsetS)}\n`)
    renameSync(`${this.file}.new`, this.file)
  }

  remove (): void {
    rmSync(this.directory, { recursive: true })
  }
}

/** Does something in processes that begin meanwhile and whose wall clock is this many seconds ahead. */
export function withFakedClock<T> (offsetS: number, action: () => T): T {
  const clock = new FakedClock(offsetS)
  const before = { ...process.env }
  Object.assign(process.env, clock.env)
  try {
    return action()
  } finally {
    for (const name of Object.keys(clock.env)) {
      if (before[name] === undefined) delete process.env[name]
      else process.env[name] = before[name]
    }
    clock.remove()
  }
}
