import { feathers } from '@feathersjs/feathers'
import type { DistributedModuleOptions, ServiceEvent } from 'feathers-mesh'
import { memoryMesh } from '../memory-mesh'
import { until } from '../until'
import { warnings } from '../warnings'

interface Todos {
  find (): Promise<number>
  get (id: number): Promise<unknown>
  readonly created: ServiceEvent<object>
}

/** What a function of a provider does that the program broke. */
const FAULTS: Readonly<Record<string, () => unknown>> = {
  'throws': () => { throw new Error('the exporter is full') },
  'throws what has no text': () => { throw Object.create(null) },
  'returns nothing': () => undefined,
  'returns what can\'t be read': () => new Proxy({}, { get: () => { throw new Error('unreadable') } })
}

const METHODS = [
  'getTracer', 'startSpan', 'isRecording', 'setAttribute', 'end', 'getMeter', 'createHistogram', 'createCounter',
  'record', 'add'
]

/** Providers of an SDK of which one function fails. */
function providersWith (failing: string, fault: () => unknown): DistributedModuleOptions['telemetry'] {
  const named = (methods: Readonly<Record<string, unknown>>): never =>
    Object.fromEntries(Object.entries(methods).map(([name, right]) => {
      return [name, name === failing ? fault : right]
    })) as never
  const span = named({
    spanContext: () => ({ traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', traceFlags: 1 }),
    isRecording: () => true, setAttribute: () => {}, addEvent: () => {}, setStatus: () => {}, end: () => {}
  })
  const instrument = named({ record: () => {}, add: () => {} })
  const meter = named({ createHistogram: () => instrument, createCounter: () => instrument })
  const tracer = named({ startSpan: () => span })
  return { tracerProvider: named({ getTracer: () => tracer }), meterProvider: named({ getMeter: () => meter }) }
}

// Before the hooks below: nodes stop first, and that may throw, too.
const mesh = memoryMesh()

const escaped: unknown[] = []
const onEscaped = (error: unknown): void => { escaped.push(error) }
let told: string[]

beforeEach(() => {
  told = warnings()
  process.on('unhandledRejection', onEscaped).on('uncaughtException', onEscaped)
})

afterEach(async () => {
  await new Promise(setImmediate)
  process.off('unhandledRejection', onEscaped).off('uncaughtException', onEscaped)
  jest.restoreAllMocks()
  expect(escaped.splice(0)).toEqual([])
})

const CASES = METHODS.flatMap(method => Object.keys(FAULTS).map(fault => [method, fault] as const))

describe('calls and events of a traced node', () => {
  it.each(CASES)('are what they are where %s of its provider %s', async (method, fault) => {
    const telemetry = providersWith(method, FAULTS[fault])
    const app = feathers()
    let calls = 0
    app.use('todos', {
      async find () { return ++calls },
      async get () { throw new Error('no such todo') }
    })
    await mesh.start({ app, services: ['todos'], telemetry })
    const todos = (await mesh.start({ remotes: ['todos'], telemetry })).remote<Todos>('todos')
    const heard: unknown[] = []
    todos.on('created', payload => { heard.push(payload) })
    // oxlint-disable-next-line typescript/no-misused-promises -- programs do so
    todos.on('created', async payload => { heard.push(payload) })
    expect([await todos.find(), await todos.find(), calls]).toEqual([1, 2, 2])
    await expect(todos.get(1)).rejects.toThrow('no such todo')
    await until('the event', () => {
      if (heard.length === 0) app.service('todos').emit('created', { title: 'Buy milk' })
      return heard.length >= 2
    })
    expect(told.filter(line => line.includes('telemetry of this node threw')).length).toBeLessThanOrEqual(2)
    if (fault === 'throws') {
      expect(told).toContain('the telemetry of this node threw the exporter is full; calls and events go on without ' +
        'what it would have told')
    }
  })
})
