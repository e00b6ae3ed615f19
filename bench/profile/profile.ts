/**
 * Leaves a CPU profile of both sides of calls at 128 in flight, and prints where the time goes.
 *
 * Usage: npm run bench:profile -- [--only=system] [--in-flight=n] [--folder=path] [--write]
 */
import { mkdirSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { startNats } from '../nats-server'
import { installPeers, RESULTS, ROOT } from '../peers'
import { newPlace, Pair } from '../processes/pair'
import { fillDocuments } from '../report/documents'
import { writeRun } from '../report/run-files'
import { table } from '../report/table'
import { isSystemName } from '../systems/systems'
import type { LoadReport } from '../work/call-load'
import { roomsTable, type ProfileRun } from './rooms-table'
import { functionOf, roomOf, selfTimes, type SelfTime } from './self-times'

const WARM_UP = 2_000
const WINDOW = 5_000
const LINES = 25

function print (title: string, times: readonly SelfTime[]): void {
  const rows = times.slice(0, LINES).map(({ place, share }) => [place, `${(share * 100).toFixed(1)} %`])
  console.log(`\n${table([title, 'self time'], rows)}`)
}

async function main (): Promise<void> {
  installPeers()
  const { values } = parseArgs({
    options: {
      only: { type: 'string', default: 'ours' },
      'in-flight': { type: 'string', default: '128' },
      write: { type: 'boolean', default: false },
      folder: { type: 'string', default: join(ROOT, '.build/profiles') }
    }
  })
  const { only: system, 'in-flight': inFlight } = values
  if (!isSystemName(system)) throw new Error(`there is no system ${system}`)
  const folder = resolve(values.folder)
  mkdirSync(folder, { recursive: true })

  const stopNats = await startNats([system])
  const pair = new Pair(system)
  try {
    await pair.start(newPlace())
    const load = { inFlight: Number(inFlight), result: 'todo' }
    await pair.caller.ask('calls', { ...load, milliseconds: WARM_UP })
    const sides = { caller: pair.caller, host: pair.host }
    await Promise.all(Object.values(sides).map(async side => await side.ask('profile')))
    const { calls, milliseconds } = await pair.caller.ask<LoadReport>('calls', { ...load, milliseconds: WINDOW })
    const fileOf = (side: string): string => join(folder, `${system}-${side}.cpuprofile`)
    for (const [side, child] of Object.entries(sides)) {
      const file = fileOf(side)
      await child.ask('endProfile', file)
      console.log(`\n${relative(process.cwd(), file)}`)
      print(`${side}, by function`, selfTimes(file, functionOf))
    }
    const run: ProfileRun = {
      callsPerSecond: Math.round(calls / milliseconds * 1_000),
      inFlight: Number(inFlight),
      caller: selfTimes(fileOf('caller'), roomOf),
      host: selfTimes(fileOf('host'), roomOf)
    }
    console.log(`\n${roomsTable(run)}`)
    if (!values.write) return
    writeRun(RESULTS, 'profile', run)
    fillDocuments()
  } finally {
    await pair.kill()
    stopNats()
  }
}

main().catch(error => {
  console.error(error)
  process.exitCode = 1
})
