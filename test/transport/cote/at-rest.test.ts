import { CoteMesh } from '../../security/mesh-of'
import { until } from '../../until'

/** Milliseconds between two looks: for silent peers that hold calls, and for hellos of another time. */
const SILENCE_LOOK = 375
const HINTS_LOOK = 250

describe('a node at rest', () => {
  const mesh = new CoteMesh()
  const running = new Map<unknown, number | undefined>()
  const { setInterval, clearInterval } = globalThis

  beforeEach(() => {
    jest.spyOn(globalThis, 'setInterval').mockImplementation((...args) => {
      const timer = setInterval(...args)
      running.set(timer, args[1])
      return timer
    })
    jest.spyOn(globalThis, 'clearInterval').mockImplementation(timer => {
      running.delete(timer)
      clearInterval(timer)
    })
  })

  afterEach(async () => {
    jest.restoreAllMocks()
    await mesh.end()
  })

  const intervals = (): Array<number | undefined> => [...running.values()]

  it('looks for silent peers only while it has connections, and for old hellos only while it has any', async () => {
    await mesh.host()
    const todos = await mesh.consumer({ cote: { idleTimeout: 100 } })
    await todos.find()
    expect(intervals()).toContain(SILENCE_LOOK)
    await until('the connection to be closed', () => !intervals().includes(SILENCE_LOOK))
    expect(intervals()).not.toContain(HINTS_LOOK)
    expect(await todos.find()).toEqual([])
    expect(intervals()).toContain(SILENCE_LOOK)
  })
})
