import { mkdirSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus } from 'node:os'
import { join } from 'node:path'

/** What the figures were measured on. */
export function machine (): string {
  return `Node ${process.version}, ${availableParallelism()} cores (${cpus()[0]?.model ?? 'unknown'}), loopback`
}

/** Writes figures as JSON into a folder; does nothing without one. */
export function writeResults (folder: string | undefined, name: string, figures: object): void {
  if (folder === undefined) return
  mkdirSync(folder, { recursive: true })
  const content = { measured: new Date().toISOString().slice(0, 10), machine: machine(), ...figures }
  writeFileSync(join(folder, `${name}.json`), `${JSON.stringify(content, null, 2)}\n`)
}
