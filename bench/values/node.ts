/** One process of the table of values: who sends a value, or who gets it. */
import { setTimeout as delay } from 'node:timers/promises'
import { obey } from '../processes/obey'
import { SYSTEMS, type SystemName } from '../systems/systems'
import type { Place, System, Todos } from '../systems/system'
import { THROWN, VALUES } from './samples'
import { errorVerdict, valueVerdict } from './verdict'

let system: System
let place: Place
let todos: Todos

/** Milliseconds after which an answer that has not come is not waited for. */
const PATIENCE = 3_000

const samples = { ...VALUES, ...THROWN }
const sampleOf = (name: string): unknown => samples[name]?.()

const service: Todos = {
  async get (name) {
    if (Object.hasOwn(THROWN, name)) throw sampleOf(name)
    return sampleOf(name)
  },
  async create (data) {
    const { id, value } = data as { id: string, value?: unknown }
    return { verdict: valueVerdict(value, sampleOf(id)) }
  }
}

/** What a call gives, or that it fails or never ends. */
async function outcome (call: () => Promise<string>): Promise<string> {
  const late = delay(PATIENCE, 'no answer', { ref: false })
  const answer = call().catch(error => `fails: ${String((error as Error).message ?? error).split('\n')[0]?.slice(0, 40)}`)
  return await Promise.race([answer, late])
}

obey({
  load: async (given: { system: SystemName, place: Place }) => {
    system = await SYSTEMS[given.system].load()
    place = given.place
  },
  ping: () => true,
  host: async () => { await system.host(place, service) },
  connect: async () => { todos = await system.connect(place) },
  result: async (name: string) => await outcome(async () => valueVerdict(await todos.get(name), sampleOf(name))),
  argument: async (name: string) => await outcome(async () => {
    const answer = await todos.create({ id: name, value: sampleOf(name) } as { id: string })
    return (answer as { verdict: string }).verdict
  }),
  thrown: async (name: string) => await outcome(async () => {
    try {
      return `no error: ${String(await todos.get(name))}`
    } catch (error) {
      return errorVerdict(error, sampleOf(name))
    }
  })
})
