import { SafeTracer, type SpanMaker } from '../../lib/telemetry/safe-tracer'

const REQUEST = { path: 'todos', method: 'find' }
const EVENT = { path: 'todos', event: 'created' }

/** What a context manager of the program does with work that it should run once. */
const MANAGERS: Readonly<Record<string, (work: () => void) => void>> = {
  'runs it': work => work(),
  'runs it twice': work => { work(); work() },
  'does not run it': () => {},
  'throws before it runs it': () => { throw new Error('no context') },
  'throws after it has run it': work => { work(); throw new Error('no context') }
}

const FAULT = 'the telemetry of this node threw no context; calls and events go on without what it would have told'

let told: string[]

beforeEach(() => { told = [] })

function tracerWith (manager: (work: () => void) => void): SafeTracer {
  // Managers that the program broke return what they like.
  const run = manager as <T>(work: () => T) => T
  const trace = { headers: undefined, sent: () => {}, run, ended: () => {} }
  const maker: SpanMaker = {
    isIdle: false,
    called: () => trace, served: () => trace, hearing: () => trace, published: () => undefined,
    entered: (_params, work) => run(work)
  }
  return new SafeTracer(maker, { tell: (_code, text) => { told.push(text) } })
}

/** The ways in which a tracer runs work. */
const WAYS: Readonly<Record<string, <T>(tracer: SafeTracer, work: () => T) => T>> = {
  call: (tracer, work) => tracer.served(REQUEST, {} as never)?.run(work) ?? work(),
  listener: (tracer, work) => tracer.heard(EVENT, undefined, work),
  request: (tracer, work) => tracer.entered({}, work)
}

const CASES = Object.keys(WAYS).flatMap(way => Object.keys(MANAGERS).map(manager => [way, manager] as const))

describe('work that is traced', () => {
  it.each(CASES)('is done once for a %s where the context manager %s', (way, manager) => {
    const tracer = tracerWith(MANAGERS[manager] ?? (() => {}))
    let times = 0
    expect(WAYS[way]?.(tracer, () => ++times)).toBe(1)
    WAYS[way]?.(tracer, () => ++times)
    expect(times).toBe(2)
    expect(told).toEqual(manager.includes('throws') ? [FAULT] : [])
  })

  it.each(CASES)('throws what it threw for a %s where the context manager %s', (way, manager) => {
    const tracer = tracerWith(MANAGERS[manager] ?? (() => {}))
    let times = 0
    const work = (): void => {
      times++
      // oxlint-disable-next-line typescript/only-throw-error -- programs do so
      throw undefined
    }
    let thrown: unknown = 'nothing'
    try {
      WAYS[way]?.(tracer, work)
    } catch (error) {
      thrown = error
    }
    expect([thrown, times]).toEqual([undefined, 1])
    expect(told).toEqual(manager.includes('throws') ? [FAULT] : [])
  })
})
