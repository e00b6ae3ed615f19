import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { nameOf } from './cell'
import { MATRIX, tried } from './matrix'
import type { Tried } from './matrix'
import { ROOT } from './project'
import { filled, PAGE, tableOf } from './table'
import { Workshop } from './workshop'

/*
 * Tries the packed package with toolchains: all of them, with --short the few that CI tries, or with --only=TEXT those
 * whose name has the text. --package=FILE takes that tarball in place of packing. --write puts the table into the page.
 */
const args = process.argv.slice(2)
const only = valueOf('only')

function valueOf (option: string): string | undefined {
  return args.find(arg => arg.startsWith(`--${option}=`))?.slice(option.length + 3)
}

async function main (): Promise<void> {
  const cells = MATRIX
    .filter(({ short }) => short === true || !args.includes('--short'))
    .filter(cell => only === undefined || nameOf(cell).includes(only))
  const workshop = new Workshop(cells, valueOf('package'))
  const rows: Tried[] = []
  try {
    // One after the other: each is a build and two processes, on what may be a small machine.
    for (const cell of cells) {
      const began = performance.now()
      const row = await tried(workshop, cell)
      rows.push(row)
      const seconds = ((performance.now() - began) / 1000).toFixed(1)
      console.log(`${row.fault === undefined ? 'ok    ' : 'FAILED'} ${nameOf(cell)}: ${row.result} (${seconds} s)`)
      if (row.fault !== undefined) console.log(row.fault.split('\n').map(line => `    ${line}`).join('\n'))
    }
  } finally {
    workshop.remove()
  }
  const failed = rows.filter(({ fault }) => fault !== undefined).length
  if (args.includes('--write') && failed === 0) {
    const page = readFileSync(join(ROOT, PAGE), 'utf8')
    writeFileSync(join(ROOT, PAGE), filled(page, tableOf(rows, `with Node ${process.versions.node}`)))
  }
  if (failed > 0) process.exitCode = 1
  console.log(`\n${rows.length - failed} passed, ${failed} failed`)
}

void main()
