/**
 * Leaves a CPU profile of both sides of calls at 128 in flight, and prints where the time goes.
 *
 * Usage: npm run bench:profile -- [--only=system] [--in-flight=n] [--folder=path]
 */
import { mkdirSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { installPeers, ROOT } from '../peers'
import { newPlace, Pair } from '../processes/pair'
import { table } from '../report/table'
import { isSystemName } from '../systems/systems'
import type { LoadReport } from '../work/call-load'
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
      folder: { type: 'string', default: join(ROOT, '.build/profiles') }
    }
  })
  const { only: system, 'in-flight': inFlight } = values
  if (!isSystemName(system)) throw new Error(`there is no system ${system}`)
  const folder = resolve(values.folder)
  mkdirSync(folder, { recursive: true })

  const pair = new Pair(system)
  try {
    await pair.start(newPlace())
    const load = { inFlight: Number(inFlight), result: 'todo' }
    await pair.caller.ask('calls', { ...load, milliseconds: WARM_UP })
    const sides = { caller: pair.caller, host: pair.host }
    await Promise.all(Object.values(sides).map(async side => await side.ask('profile')))
    const { calls, milliseconds } = await pair.caller.ask<LoadReport>('calls', { ...load, milliseconds: WINDOW })
    console.log(`${Math.round(calls / milliseconds * 1_000)} calls/s while profiled, ${inFlight} in flight`)
    for (const [side, child] of Object.entries(sides)) {
      const file = join(folder, `${system}-${side}.cpuprofile`)
      await child.ask('endProfile', file)
      print(`${side}, by room`, selfTimes(file, roomOf))
      print(`${side}, by function`, selfTimes(file, functionOf))
      console.log(`\n${relative(process.cwd(), file)}`)
    }
  } finally {
    await pair.kill()
  }
}

main().catch(error => {
  console.error(error)
  process.exitCode = 1
})
