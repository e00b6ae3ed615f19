import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { Child } from '../processes/child'
import { newPlace } from '../processes/pair'
import type { SystemName } from '../systems/systems'
import { clock, type Disturbance, type Mode } from './disturbed-load'

export interface Killed extends Disturbance {
  /** Calls that ran more than once. */
  readonly twice: number
}

const CALLERS = 32
const ANSWERS = 100

/** Kills one of two replicas under concurrent calls; all processes are new. */
export async function killRound (system: SystemName, mode: Mode): Promise<Killed> {
  const folder = mkdtempSync(join(tmpdir(), 'feathers-mesh-bench-'))
  const runs = join(folder, 'runs')
  writeFileSync(runs, '')
  const [first, second, caller] = [new Child('chaos/node'), new Child('chaos/node'), new Child('chaos/node')]
  const place = newPlace()
  try {
    await Promise.all([
      first.ask('load', { system, place }),
      second.ask('load', { system, place: { ...place, replica: 1 } }),
      caller.ask('load', { system, place: { ...place, replica: 2 } })
    ])
    await Promise.all([first.ask('host', runs), second.ask('host', runs)])
    await caller.ask('connect')
    await caller.ask('startLoad', { mode, callers: CALLERS })
    await bothAnswer(caller)
    await delay(1_000)
    const killedAt = clock()
    await first.kill()
    const disturbance = await caller.ask<Disturbance>('endLoad', killedAt)
    return { ...disturbance, twice: repeated(readFileSync(runs, 'utf8').split('\n')) }
  } finally {
    await Promise.all([first, second, caller].map(async child => await child.kill()))
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Waits until both replicas have answered many calls. */
async function bothAnswer (caller: Child): Promise<void> {
  for (let n = 0; n < 300; n++) {
    const answers = await caller.ask<Record<string, number>>('answers')
    if (['0', '1'].every(replica => (answers[replica] ?? 0) >= ANSWERS)) return
    await delay(100)
  }
  throw new Error('one of the replicas is never asked')
}

/** How many ids are there more than once. */
function repeated (ids: readonly string[]): number {
  const seen = new Set<string>()
  const again = ids.filter(id => id !== '' && (seen.has(id) || !seen.add(id)))
  return new Set(again).size
}
