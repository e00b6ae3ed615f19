import type { TestProcess } from '../process'
import type { Heard } from '../processes/interop/plugin-node'
import { heardBy, InteropMesh, knows, NEW, OLD_PLUGINS } from './interop-mesh'

// Many processes start here, on whatever machine this is.
jest.setTimeout(60_000)

const data = { title: 'Buy milk' }
const query = { list: 'home' }

/** The calls that make events of themselves. */
const calls = [
  { method: 'create', event: 'created', args: [data, { query }] },
  { method: 'update', event: 'updated', args: [1, data, { query }] },
  { method: 'patch', event: 'patched', args: [1, data, { query }] },
  { method: 'remove', event: 'removed', args: [1, { query }] }
]

describe.each(OLD_PLUGINS)('the nodes of feathers-distributed %s and ours', (version, OLD) => {
  const mesh = new InteropMesh()
  const withContext = version !== '2.4'
  let old: TestProcess
  let ours: TestProcess
  let second: TestProcess

  beforeAll(async () => {
    [old, ours, second] = await Promise.all([
      mesh.node('old', OLD, { key: 'old', paths: ['old-notes'], aliases: { 'new-notes': 'notes-of-new' } }),
      mesh.node('new', NEW, { key: 'new', paths: ['new-notes'], aliases: { 'old-notes': 'notes-of-old' } }),
      mesh.node('second', NEW, { key: 'second' })
    ])
    await Promise.all([
      knows(old, 'notes-of-new'), knows(ours, 'notes-of-old'), knows(second, 'old-notes', 'new-notes')
    ])
    await Promise.all(Object.values(ways).map(async way => await connect(way())))
  })

  beforeEach(() => { for (const node of [old, ours, second]) node.events.length = 0 })

  afterAll(async () => await mesh.end())

  /** A host, the path of its service there, a listener, and the path of the service there. */
  type Way = readonly [host: TestProcess, path: string, listener: TestProcess, localPath: string]

  const ways = {
    newToOld: (): Way => [ours, 'new-notes', old, 'notes-of-new'],
    oldToNew: (): Way => [old, 'old-notes', ours, 'notes-of-old'],
    newToSecond: (): Way => [ours, 'new-notes', second, 'new-notes'],
    oldToSecond: (): Way => [old, 'old-notes', second, 'old-notes']
  }

  /** Subscribers connect some time after they discover the service: emits until an event arrives. */
  async function connect ([host, path, listener, localPath]: Way): Promise<void> {
    await listener.ask('watch', localPath)
    await listener.until(`an event of ${path}`, async () => {
      await host.ask('emit', { path, event: 'archived', payload: { last: 'none' } })
      return heardBy(listener).some(heard => heard.path === localPath)
    })
  }

  /** The events of a listener once everything sent has arrived, over its one connection to the host. */
  async function heard ([host, path, listener, localPath]: Way): Promise<Heard[]> {
    const last = `last-${Math.random()}`
    await host.ask('emit', { path, event: 'archived', payload: { last } })
    const lastOf = ({ payload }: Heard): unknown => (payload as { last?: unknown }).last
    await listener.until('the last event', () => heardBy(listener).some(each => lastOf(each) === last))
    return heardBy(listener).filter(heard => heard.path === localPath && lastOf(heard) === undefined)
  }

  it('deliver each event of our service to the old node once, with payload and context', async () => {
    for (const { method, args } of calls) await ours.ask('call', { path: 'new-notes', method, args })
    const all = await heard(ways.newToOld())
    expect(all.map(({ event, payload }) => ({ event, payload }))).toEqual(calls.map(({ method, event }) => ({
      event, payload: expect.objectContaining({ node: 'new', method, query })
    })))
    if (!withContext) return
    expect(all.map(({ context }) => context)).toEqual(calls.map(({ method }) => expect.objectContaining({
      path: 'notes-of-new', method, query, ofThisApp: true, ofThisService: true
    })))
  })

  it('deliver each event of the old service to our nodes once, with clean payload and context', async () => {
    for (const { method, args } of calls) await old.ask('call', { path: 'old-notes', method, args })
    for (const way of [ways.oldToNew(), ways.oldToSecond()]) {
      const [,,, path] = way
      const all = await heard(way)
      expect(all.map(({ event }) => event)).toEqual(calls.map(({ event }) => event))
      for (const [index, { payload, context }] of all.entries()) {
        const { method, event } = calls[index]
        // `path` is the service's own answer in these payloads, so it is the one field that the old wire takes away.
        expect(payload).toEqual(expect.objectContaining({ node: 'old', method, query }))
        expect(payload).not.toHaveProperty('key')
        expect(payload).not.toHaveProperty('context')
        expect(context).toMatchObject({ path, event, ofThisApp: true, ofThisService: true })
        if (withContext) expect(context).toMatchObject({ method, query })
      }
    }
  })

  it('emit the same events for calls from the other side', async () => {
    await old.ask('call', { path: 'notes-of-new', method: 'create', args: [data, { query }] })
    await ours.ask('call', { path: 'notes-of-old', method: 'create', args: [data, { query }] })
    expect(await heard(ways.newToOld())).toMatchObject([{ event: 'created', payload: { data, query } }])
    expect(await heard(ways.oldToNew())).toMatchObject([{ event: 'created', payload: { data, query } }])
  })

  it('deliver custom events emitted by hand in both directions, with a context on our side', async () => {
    const payload = { by: 'hand', at: [1, 2], deep: { context: 1 } }
    await ours.ask('emit', { path: 'new-notes', event: 'archived', payload })
    await old.ask('emit', { path: 'old-notes', event: 'archived', payload })
    expect(await heard(ways.newToOld())).toMatchObject([{ event: 'archived', payload }])
    expect(await heard(ways.oldToNew())).toEqual([{
      path: 'notes-of-old',
      event: 'archived',
      payload,
      context: expect.objectContaining({
        path: 'notes-of-old', event: 'archived', ofThisApp: true, ofThisService: true
      })
    }])
  })

  it('deliver standard events emitted by hand', async () => {
    await ours.ask('emit', { path: 'new-notes', event: 'created', payload: data })
    await old.ask('emit', { path: 'old-notes', event: 'created', payload: data })
    expect(await heard(ways.newToOld())).toMatchObject([{ event: 'created', payload: data }])
    expect(await heard(ways.oldToSecond())).toMatchObject([{ event: 'created', payload: data }])
  })

  it('keep back events that distributedEvents leaves out', async () => {
    await ours.ask('emit', { path: 'new-notes', event: 'shredded', payload: data })
    await old.ask('emit', { path: 'old-notes', event: 'shredded', payload: data })
    expect(await heard(ways.newToOld())).toEqual([])
    expect(await heard(ways.oldToNew())).toEqual([])
  })

  it('deliver events between two of our nodes once, not a second time as old nodes do', async () => {
    for (const { method, args } of calls) await ours.ask('call', { path: 'new-notes', method, args })
    await ours.ask('emit', { path: 'new-notes', event: 'archived', payload: ['a', 'list'] })
    const all = await heard(ways.newToSecond())
    expect(all.map(({ event }) => event)).toEqual([...calls.map(({ event }) => event), 'archived'])
    expect(all[4].payload).toEqual(['a', 'list'])
  })

  it('preserve Dates and Buffers between our nodes while an old node receives JSON', async () => {
    const asSent = { kinds: { at: 'Date', bytes: 'Buffer' } }
    const asJson = { kinds: { at: 'String', bytes: 'Object' } }
    // To a node that nobody waited for, events of the test before may come only now.
    const payloads = async (way: Way): Promise<unknown[]> =>
      (await heard(way)).map(({ payload }) => payload).filter(payload => Object.hasOwn(payload as object, 'kinds'))
    await ours.ask('emitBeyondJson', 'new-notes')
    expect(await payloads(ways.newToSecond())).toMatchObject([asSent])
    expect(await payloads(ways.newToOld())).toMatchObject([asJson])
    expect(await second.ask('callBeyondJson', 'new-notes')).toEqual(asSent)
    expect(await old.ask('callBeyondJson', 'notes-of-new')).toEqual(asJson)
    expect(await second.ask('callBeyondJson', 'old-notes')).toEqual(asJson)
  })

  it('deliver a payload with fields path and key to the old node under the right service', async () => {
    const payload = { path: 'old-notes', key: 'old', title: 'mine' }
    await ours.ask('emit', { path: 'new-notes', event: 'created', payload })
    expect(await heard(ways.newToOld())).toMatchObject([{ event: 'created', payload: { title: 'mine' } }])
  })

  it('preserve a payload field named context from nodes that send no hook context', async () => {
    const payload = { title: 'mine', context: { room: 7 } }
    await old.ask('emit', { path: 'old-notes', event: 'archived', payload })
    if (withContext) return
    expect(await heard(ways.oldToNew())).toMatchObject([{ event: 'archived', payload }])
  })
})
