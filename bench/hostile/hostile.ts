/**
 * How long messages of strangers stop a node that reads them, one that sends back what it read, and one that checks it
 * by the rules of a class.
 *
 * Usage: npm run bench:hostile -- [--only=words of a row] [--length=1000000]
 */
import { parseArgs } from 'node:util'
import { Child } from '../processes/child'
import { table } from '../report/table'
import { DATA } from './checked'
import type { CheckMeasured } from './checking-node'
import { MESSAGES } from './messages'
import type { Measured } from './node'

/** Milliseconds that no message of a million characters may take, and no shorter one. */
const LIMIT = 50

/** No reader is quicker than JSON.parse. Where that alone takes longer, a message may take this many times as long. */
const TIMES_PARSE = 1.25

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

async function check (name: string, length: number): Promise<CheckMeasured> {
  const checking = new Child('hostile/checking-node')
  try {
    return await checking.ask<CheckMeasured>('measure', { name, length })
  } finally {
    await checking.kill()
  }
}

async function checkAll (only: string, length: number): Promise<string[]> {
  const rows: string[][] = []
  const late: string[] = []
  for (const name of Object.keys(DATA).filter(each => each.includes(only))) {
    const { whole, stop, outcome } = await check(name, length)
    rows.push([name, cell(whole), cell(stop), outcome])
    if (stop > LIMIT) late.push(name)
  }
  if (rows.length > 0) console.log(table(['checked data', 'whole ms', 'event loop stood ms', ''], rows))
  return late
}

async function readAll (only: string, length: number): Promise<string[]> {
  const rows: string[][] = []
  const late: string[] = []
  for (const name of Object.keys(MESSAGES).filter(each => each.includes(only))) {
    for (const each of await measure(name, [length / 10, length])) {
      const { characters, parse, decode, encode, stop, outcome } = each
      rows.push([name, String(characters), ...[parse, decode, encode, stop].map(cell), outcome])
      if (decode > Math.max(LIMIT * Math.max(1, characters / 1e6), TIMES_PARSE * parse)) late.push(`${name} of ${characters}`)
    }
  }
  const head = ['', 'characters', 'JSON.parse ms', 'read ms', 'sent back ms', 'event loop stood ms', '']
  if (rows.length > 0) console.log(table(head, rows))
  return late
}

async function main (): Promise<void> {
  const { values: { only = '', length } } = parseArgs({
    options: { only: { type: 'string' }, length: { type: 'string', default: '1000000' } }
  })
  const late = [...await readAll(only, Number(length)), ...await checkAll(only, Number(length))]
  const limit = `${LIMIT} ms a million characters, or ${TIMES_PARSE} times what JSON.parse alone takes where that is more`
  console.log(late.length === 0 ? `none stops a node for ${limit}` : `longer than ${limit}: ${late.join(', ')}`)
}

main().catch(error => {
  console.error(error)
  process.exitCode = 1
})
