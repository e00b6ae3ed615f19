/** The files that runs leave in bench/results: figures as JSON, from which documents and charts are made. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus } from 'node:os'
import { join } from 'node:path'

/** What every such file tells beside its figures. */
export interface Run {
  readonly measured: string
  readonly machine: string
}

/** What the figures were measured on. */
export function machine (): string {
  return `Node ${process.version}, ${availableParallelism()} cores (${cpus()[0]?.model ?? 'unknown'}), loopback`
}

export function writeRun (folder: string, name: string, figures: object): void {
  mkdirSync(folder, { recursive: true })
  const run: Run = { measured: new Date().toISOString().slice(0, 10), machine: machine(), ...figures }
  writeFileSync(join(folder, `${name}.json`), `${JSON.stringify(run, null, 1)}\n`)
}

/** What a run has left; undefined when there was none. */
export function readRun<T> (folder: string, name: string): (Run & T) | undefined {
  const file = join(folder, `${name}.json`)
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) as Run & T : undefined
}
