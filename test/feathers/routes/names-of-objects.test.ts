import { until } from '../../until'
import { gateways, has, named } from '../gateways'

const { bare, clients, host, join } = gateways()

/** Paths with a part that is named like a property that every object inherits, and lead nowhere. */
const NOWHERE = [
  '__proto__', 'constructor', 'toString/x', 'users/5/__proto__', 'users/5/posts/toString/deeper', 'late/x/__proto__',
  'distribution/__proto__', 'todos/1/constructor'
]

describe.each(['express', 'koa'] as const)('a part of a path that every object has, on a gateway with %s', kind => {
  it('is a path as any other one, also below services of the app', async () => {
    const app = bare(kind)
    const records = { get: async (id: string) => id }
    app.use('users/:userId/posts', records)
    app.use('mine', records)
    app.use('mine/of/all', named('all'))
    await join(app)
    app.use('late/x/y', named('late'))
    app.use('gone', named('gone'))
    // The router is filled again with the others.
    await app.unuse('gone')
    await host({ todos: records })
    await until(() => has(app, 'todos'))
    const { rest, socket } = await clients(app)
    for (const path of NOWHERE) {
      expect([path, (await rest(path)).status, await socket('find', path)]).toEqual([path, 404, 404])
    }
    for (const id of ['constructor', '__proto__', 'toString']) {
      expect([(await rest(`mine/${id}`)).body, (await rest(`todos/${id}`)).body]).toEqual([id, id])
      expect((await rest(`users/5/posts/${id}`)).body).toBe(id)
    }
    expect((await rest('late/x/y')).body).toEqual(['late', {}])
    expect((await rest('mine/of/all')).body).toEqual(['all', {}])
    expect((await rest('distribution/healthcheck/constructor')).body).toEqual({ healthy: true })
  })
})
