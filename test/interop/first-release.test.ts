import type { DistributionOptions } from 'feathers-mesh'
import type { TestProcess } from '../process'
import type { CallReport } from '../processes/interop/call-load'
import type { Heard } from '../processes/interop/plugin-node'
import type { PlainError } from '../processes/messages'
import { unpackFirstRelease, type FirstRelease } from './first-release'
import { answers, call, forgets, heardBy, InteropMesh, knows, NEW } from './interop-mesh'

// Many processes start here, on whatever machine this is; each step has limits of its own.
jest.setTimeout(180_000)

let release: FirstRelease

beforeAll(async () => { release = await unpackFirstRelease() })
afterAll(async () => await release.remove())

const meshes: Array<[what: string, options: DistributionOptions]> = [
  ['an open mesh', {}], ['a mesh with a secret', { secret: 'a secret that only the nodes of this test have' }]
]

const data = { title: 'Ünïcode ✓', nested: { deep: null, n: 1.5 } }
const params = { query: { done: false, tags: { $in: ['a', 'b'] } }, user: { id: 7 } }

describe.each(meshes)('a node of 0.1.0 and one of this release on %s', (_what, options) => {
  const mesh = new InteropMesh()
  let first: TestProcess
  let ours: TestProcess

  beforeAll(async () => {
    const timeout = 3_000
    const settings = (name: string): object => ({ key: name, paths: [`${name}-notes`], options: { ...options, timeout } });
    [first, ours] = await Promise.all([
      mesh.node('first', release.plugin, settings('first')), mesh.node('new', NEW, settings('new'))
    ])
    await Promise.all([knows(first, 'new-notes'), knows(ours, 'first-notes')])
  })

  afterAll(async () => await mesh.end())

  describe.each([
    ['when the old one calls', () => first, 'new', () => ours],
    ['when the new one calls', () => ours, 'first', () => first]
  ] as const)('%s', (_direction, callerOf, host, hostOf) => {
    const path = `${host}-notes`

    it('reconnect after one of them was silent for a long time', async () => {
      hostOf().signal('SIGSTOP')
      await forgets(callerOf(), path)
      hostOf().signal('SIGCONT')
      await knows(callerOf(), path)
      await knows(hostOf(), host === 'new' ? 'first-notes' : 'new-notes')
    })

    it.each([
      ['find', [params], {}], ['get', [1, params], { id: 1 }], ['create', [data, params], { data }],
      ['update', [2, data, params], { id: 2, data }], ['patch', [null, data, params], { id: null, data }],
      ['remove', [3, params], { id: 3 }], ['archive', [data, params], { data }]
    ])('pass on the arguments of %s', async (method, args, got) => {
      const note = await call(callerOf(), path, method, ...args)
      expect([note].flat()).toEqual([{ node: host, path, method, ...got, ...params, fromRemote: true }])
    })

    it('preserve Dates, Buffers and classes of errors', async () => {
      expect(await callerOf().ask('callBeyondJson', path)).toEqual({ kinds: { at: 'Date', bytes: 'Buffer' } })
      const outcome = await callerOf().try('call', { path, method: 'get', args: ['wrong'] })
      expect((outcome as { error: PlainError }).error).toMatchObject({
        name: 'BadRequest', code: 400, errors: [{ path: 'title', message: 'too long' }]
      })
    })

    it('end a call at its deadline on both sides', async () => {
      const outcome = await callerOf().try('call', { path, method: 'get', args: ['never'] })
      expect((outcome as { error: PlainError }).error).toMatchObject({ name: 'Timeout', code: 408 })
      await hostOf().until('the end of the call at its host', async () => {
        const { waiting, givenUp } = await hostOf().ask<Record<string, number>>('counts', path)
        return waiting > 0 && waiting === givenUp
      })
    })

    it('deliver each event once with payload and context', async () => {
      const listener = callerOf()
      await listener.ask('watch', path)
      await listener.until('the first event', async () => {
        await hostOf().ask('emit', { path, event: 'archived', payload: 'first' })
        return heardBy(listener).length > 0
      })
      await call(hostOf(), path, 'create', data, params)
      const created = ({ event }: Heard): boolean => event === 'created'
      await listener.until('the event', () => heardBy(listener).some(created))
      expect(heardBy(listener).filter(created)).toEqual([expect.objectContaining({
        payload: expect.objectContaining({ node: host, data }),
        context: expect.objectContaining({ path, method: 'create', query: params.query, ofThisApp: true })
      })])
    })
  })

  it('show the id of a service when its host sends it', async () => {
    expect(await ours.ask('idOf', 'first-notes')).toBeNull()
    expect(await first.ask('idOf', 'new-notes')).toBeNull()
    const newer = await mesh.node('newer', NEW, { key: 'newer', options })
    await knows(newer, 'new-notes', 'first-notes')
    expect(await newer.ask('idOf', 'new-notes')).toBe('_id')
  })
})

describe.each(meshes)('replicas of 0.1.0 on %s that are replaced one by one', (_what, options) => {
  const mesh = new InteropMesh()

  afterAll(async () => await mesh.end())

  it('lose no call under load, of old callers or of new ones', async () => {
    const replica = { key: 'notes', paths: ['notes'], options }
    const names = ['one', 'two']
    const replicas = await Promise.all(names.map(async name => await mesh.node(name, release.plugin, replica)))
    const callers = await Promise.all([release.plugin, NEW].map(async plugin =>
      await mesh.node(`caller of ${plugin}`, plugin, { key: 'caller', options })))
    const allAnswer = async (): Promise<void> => {
      await Promise.all(callers.map(async caller => await answers(caller, names)))
    }
    for (const caller of callers) {
      await knows(caller, 'notes')
      await caller.ask('startLoad', ['find', 'get'])
    }
    await allAnswer()
    for (const [index, name] of names.entries()) {
      await replicas[index].stop()
      await mesh.node(name, NEW, replica)
      await allAnswer()
    }
    for (const caller of callers) expect(await caller.ask<CallReport>('stopLoad')).toMatchObject({ failures: [] })
  })
})
