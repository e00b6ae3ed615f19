/** One process of the chaos bench: a replica, or the caller. */
import { appendFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { obey } from '../processes/obey'
import { SYSTEMS, type SystemName } from '../systems/systems'
import type { Place, System, Todos } from '../systems/system'
import { DisturbedLoad, type Mode } from './disturbed-load'

/** Milliseconds that a call takes at the replica. */
const WORK = 5

let system: System
let place: Place
let todos: Todos
let load: DisturbedLoad

/** Writes each run down before anything else, for a killed process can't tell any more. */
function countedTodos (runs: string, replica: number): Todos {
  const run = async (id: string): Promise<number> => {
    appendFileSync(runs, `${id}\n`)
    await delay(WORK)
    return replica
  }
  return { get: run, create: async ({ id }) => await run(id) }
}

obey({
  load: async (given: { system: SystemName, place: Place }) => {
    system = await SYSTEMS[given.system].load()
    place = given.place
  },
  host: async (runs: string) => { await system.host(place, countedTodos(runs, place.replica)) },
  connect: async () => { todos = await system.connect(place) },
  startLoad: ({ mode, callers }: { mode: Mode, callers: number }) => {
    load = new DisturbedLoad(todos, mode)
    load.start(callers)
  },
  answers: () => load.answers,
  endLoad: async (killedAt: number) => await load.end(killedAt)
})
