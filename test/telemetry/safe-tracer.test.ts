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

function traced<T> (trace: T | undefined): T {
  if (trace === undefined) throw new Error('nothing is traced')
  return trace
}

/** The ways in which a tracer runs work. */
const WAYS: Readonly<Record<string, <T>(tracer: SafeTracer, work: () => T) => T>> = {
  call: (tracer, work) => traced(tracer.served(REQUEST, {} as never)).run(work),
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

describe('work where nothing is traced', () => {
  const makerWith = (isIdle: () => boolean): SpanMaker => {
    const make = (): never => { throw new Error('asked') }
    return {
      get isIdle () { return isIdle() }, called: make, served: make, hearing: make, published: make, entered: make
    }
  }

  it.each<[string, () => boolean, string[]]>([
    ['nobody takes spans', () => true, []],
    ['it can\'t be found out whether anybody does', () => { throw new Error('no context') }, [FAULT]]
  ])('is done once where %s', (_where, isIdle, faults) => {
    const tracer = new SafeTracer(makerWith(isIdle), { tell: (_code, text) => { told.push(text) } })
    let times = 0
    const work = (): number => ++times
    expect([tracer.called('todos', 'find', {}), tracer.served(REQUEST, {} as never)]).toEqual([undefined, undefined])
    expect(tracer.published(EVENT)).toBeUndefined()
    expect([tracer.heard(EVENT, undefined, work), tracer.entered({}, work)]).toEqual([1, 2])
    expect(told).toEqual(faults)
  })
})
