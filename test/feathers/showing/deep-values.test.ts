import { BadRequest } from '@feathersjs/errors'
import { gateways } from '../gateways'

/** So many lists within each other that the stack of JSON.stringify ends. */
function deep (): unknown[] {
  let value: unknown[] = []
  for (let level = 0; level < 6_000; level++) value = [value]
  return value
}

const STACK = /RangeError|call stack|\.[jt]s:\d/

/** What a host gives, or throws, that is nested too deeply. */
const GIVEN: Readonly<Record<string, () => unknown>> = {
  'a result': deep,
  'data of an error': () => { throw new BadRequest('m', { deep: deep() }) },
  'a field of an error': () => { throw Object.assign(new Error('m'), { deep: deep() }) },
  'a cause': () => { throw new Error('m', { cause: deep() }) },
  'a thrown list': () => {
    // oxlint-disable-next-line typescript/only-throw-error
    throw deep()
  }
}

describe('a value of a host that is nested deeper than the stack', () => {
  const world = gateways()

  it.each(['express', 'koa'] as const)('shows clients of a gateway with %s no error of the engine', async kind => {
    jest.spyOn(process, 'emitWarning').mockImplementation(() => {})
    await world.host({ deeps: { get: async (id: unknown) => GIVEN[String(id)]?.() } })
    const app = await world.join(world.bare(kind), 'forRoot', { remotes: ['deeps'] })
    const { rest, failure } = await world.clients(app)
    for (const id of Object.keys(GIVEN)) {
      const { status, body } = await rest(`deeps/${encodeURIComponent(id)}`)
      expect([id, status >= 400, STACK.test(JSON.stringify(body))]).toEqual([id, true, false])
      expect([id, STACK.test(JSON.stringify(await failure('get', 'deeps', id)))]).toEqual([id, false])
    }
  })
})
