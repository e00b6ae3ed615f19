import type { Application } from '@feathersjs/feathers'
import type {} from '@feathersjs/transport-commons'
import { gateways, type Clients } from '../gateways'
import { until } from '../../until'

/** A few hundred bytes between nodes, and 16 million characters of JSON; with a few more levels it would never end. */
function lists (levels: number): unknown[] {
  let value: unknown[] = [1]
  for (let level = 0; level < levels; level++) value = [value, value]
  return value
}

/** Eight million holes. */
function holes (): unknown[] {
  const list: unknown[] = []
  list[2 ** 23 - 2] = 'last'
  return list
}

const world = gateways()

type Ask = (id?: string) => Promise<unknown[]>

type Get = (ask: Ask) => Promise<unknown>

/** A gateway with a service of its own, whose results are made of those of another node. */
async function gateway (kind: 'express' | 'koa', get: Get): Promise<[Clients, Application]> {
  const graphs = { get: async (id: unknown) => id === 'holes' ? holes() : lists(id === 'deep' ? 40 : 22) }
  await world.host({ graphs })
  const app = world.bare(kind)
  const ask: Ask = async (id = 'lists') => await app.service('graphs').get(id) as unknown[]
  app.use('own', { get: async () => await get(ask), create: async () => await get(ask) })
  await world.join(app, 'forRoot', { remotes: ['graphs'] })
  return [await world.clients(app), app]
}

const message = expect.stringContaining('own.get(): the result can\'t be sent to a client') as unknown

describe.each(['express', 'koa'] as const)('a service of a gateway with %s that passes on what others sent', kind => {
  it.each<[string, (ask: Ask) => Promise<unknown>]>([
    ['as it is', async ask => await ask()],
    ['in an object of its own', async ask => ({ total: 1, data: [{ name: 'x', of: await ask() }] })],
    ['with a list of its own around the parts', async ask => [...await ask()]],
    ['in a copy', async ask => ({ copies: [structuredClone(await ask('deep'))] })],
    ['with holes', async ask => [await ask('holes')]]
  ])('answers with an error where that stands for endless JSON %s', async (_how, get) => {
    const [{ rest, socket }] = await gateway(kind, get)
    const { status, body } = await rest('own/1')
    // A diff with the whole body would take for ever.
    expect(status).toBe(500)
    expect(body).toMatchObject({ name: 'GeneralError', message })
    expect(await socket('get', 'own', 1)).toBe(500)
  })

  it('answers with another error where the data of an error does', async () => {
    const [{ rest, socket }] = await gateway(kind, async ask => {
      throw Object.assign(new Error('no'), { name: 'BadRequest', code: 400, data: { of: await ask() } })
    })
    const failed = expect.stringContaining("own.get(): it failed, and its error can't be sent to a client") as unknown
    const { status, body } = await rest('own/1')
    expect(status).toBe(500)
    expect(body).toMatchObject({ message: failed })
    expect(await socket('get', 'own', 1)).toBe(500)
  })

  it('repeats objects of its own as often as it likes', async () => {
    const user = { name: 'x'.repeat(100_000) }
    const [{ rest }] = await gateway(kind, async ask => {
      await ask()
      return Array.from({ length: 100 }, (_, id) => ({ id, user }))
    })
    const { status, body } = await rest('own/1')
    expect(status).toBe(200)
    expect(body).toHaveLength(100)
  })

  it('sends clients no event with it, and the next one', async () => {
    const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => {})
    const [{ on, socket }, app] = await gateway(kind, async ask => ({ of: await ask() }))
    const heard: unknown[] = []
    on('own created', payload => heard.push(payload))
    // By code, by a client, by hand, and as what a channel sends.
    await app.service('own').create({})
    expect(await socket('create', 'own', {})).toBe(500)
    app.service('own').emit('created', { of: await app.service('graphs').get('lists') })
    let other: unknown = { of: await app.service('graphs').get('lists') }
    app.service('own').publish(() => app.channel('everybody').send(other))
    app.service('own').emit('created', 'small')
    await until(() => warn.mock.calls.length > 0)
    other = 'shown'
    app.service('own').emit('created', 'small')
    await until(() => heard.includes('shown'))
    expect(heard.length).toBe(1)
    const told = warn.mock.calls.map(([warning]) => String(warning)).filter(line => line.includes('event'))
    expect(told).toEqual([expect.stringContaining("an event 'created' of 'own' can't be sent to clients")])
    warn.mockRestore()
  })
})
