/**
 * How long messages of strangers stop a node that reads them, and one that sends back what it read.
 *
 * Usage: npm run bench:hostile -- [--only=words of a row] [--length=1000000]
 */
import { parseArgs } from 'node:util'
import { Child } from '../processes/child'
import { table } from '../report/table'
import { MESSAGES } from './messages'
import type { Measured } from './node'

/** Milliseconds that no message of a million characters may take. */
const LIMIT = 50

const cell = (milliseconds: number | undefined): string => milliseconds === undefined ? '–' : milliseconds.toFixed(1)

async function measure (name: string, lengths: readonly number[]): Promise<Measured[]> {
  const reader = new Child('hostile/node')
  const all: Measured[] = []
  try {
    for (const length of lengths) all.push(await reader.ask<Measured>('measure', { name, length }))
    return all
  } finally {
    await reader.kill()
  }
}

async function main (): Promise<void> {
  const { values: { only = '', length } } = parseArgs({
    options: { only: { type: 'string' }, length: { type: 'string', default: '1000000' } }
  })
  const rows: string[][] = []
  const late: string[] = []
  for (const name of Object.keys(MESSAGES).filter(each => each.includes(only))) {
    for (const each of await measure(name, [Number(length) / 10, Number(length)])) {
      const { characters, parse, decode, encode, stop, outcome } = each
      rows.push([name, String(characters), ...[parse, decode, encode, stop].map(cell), outcome])
      if (decode > LIMIT * Math.max(1, characters / 1e6)) late.push(`${name} of ${characters}`)
    }
  }
  console.log(table(['', 'characters', 'JSON.parse ms', 'read ms', 'sent back ms', 'event loop stood ms', ''], rows))
  console.log(late.length === 0 ? `all are read in ${LIMIT} ms a million characters` : `longer: ${late.join(', ')}`)
}

main().catch(error => {
  console.error(error)
  process.exitCode = 1
})
