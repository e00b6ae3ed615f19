/**
 * One process of the bench: the host of a system, or its caller.
 *
 * Usage: node node.js, then commands; `begin` says what it is.
 */
import { SYSTEMS, type SystemName } from '../systems/systems'
import type { Host, Place, System, Todos } from '../systems/system'
import { runLoad, type LoadOptions } from '../work/call-load'
import { results, todo } from '../work/payload'
import { obey } from './obey'
import { EventCounter } from './event-counter'
import { CpuProfiler } from './profiler'
import { Allocations, cpuTime, residentMemory } from './usage'

let system: System
let place: Place
let host: Host
let todos: Todos
let events: EventCounter
let allocations: Allocations
let startedAt = 0
const profiler = new CpuProfiler()

const now = (): number => Number(process.hrtime.bigint()) / 1e6

const prepared = results()
const service: Todos = {
  get: async id => prepared.get(id),
  create: async () => todo(1)
}

obey({
  /** Loads the code, so that starting takes no longer than it takes. */
  load: async (given: { system: SystemName, place: Place }) => {
    system = await SYSTEMS[given.system].load()
    place = given.place
  },
  host: async () => {
    startedAt = now()
    host = await system.host(place, service)
    return { startedAt, doneAt: now() }
  },
  connect: async () => {
    startedAt = now()
    todos = await system.connect(place)
    return { startedAt, doneAt: now() }
  },
  firstCall: async () => {
    await todos.get('todo')
    return now()
  },
  calls: async (options: LoadOptions) => await runLoad(todos, options),
  cpu: cpuTime,
  memory: residentMemory,
  watchAllocations: () => { allocations = new Allocations() },
  allocated: () => allocations.stop(),
  profile: async () => await profiler.start(),
  endProfile: async (file: string) => await profiler.stop(file),

  canEmit: () => host.emit !== undefined,
  emit: async ({ count, batch }: { count: number, batch: number }) => {
    const at = now()
    for (let sent = 0; sent < count;) {
      for (let n = 0; n < batch && sent < count; n++, sent++) host.emit?.(todo(sent))
      await new Promise(resolve => { setImmediate(resolve) })
    }
    return at
  },
  /** Has so many nodes listen. */
  subscribe: async (subscribers: number) => {
    events = new EventCounter(now)
    while (events.subscribers < subscribers) await system.subscribe?.(place, events.subscriber())
  },
  /** Events that the subscriber who has fewest has heard. */
  heard: () => events.least,
  expect: (each: number) => { events.expect(each) },
  /** When the last of the expected events came to the last subscriber. */
  lastHeard: async () => await events.all()
})
