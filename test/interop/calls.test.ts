import type { TestProcess } from '../process'
import type { PlainError } from '../processes/messages'
import type { PlainSpan } from '../processes/telemetry/collector'
import { InteropMesh, knows, NEW, OLD_PLUGINS } from './interop-mesh'

// Many processes start here, on whatever machine this is.
jest.setTimeout(60_000)

const data = { title: 'Ünïcode ✓', tags: ['a', 'b'], nested: { deep: null, n: 1.5 } }
const params = { query: { done: false, tags: { $in: ['a', 'b'] } }, user: { id: 7, name: 'Ann' } }

/** Every method that a node lets out, with what its service must have got. */
const calls = [
  { method: 'find', args: [params], got: {} },
  { method: 'get', args: ['a/1', params], got: { id: 'a/1' } },
  { method: 'get', args: [2, params], got: { id: 2 } },
  { method: 'create', args: [data, params], got: { data } },
  { method: 'create', args: [[data, data], params], got: { data: [data, data] } },
  { method: 'update', args: [3, data, params], got: { id: 3, data } },
  { method: 'patch', args: [null, data, params], got: { id: null, data } },
  { method: 'remove', args: [4, params], got: { id: 4 } },
  { method: 'archive', args: [data, params], got: { data } }
]

describe.each(OLD_PLUGINS)('a node of feathers-distributed %s and one of ours', (_version, OLD) => {
  const mesh = new InteropMesh()
  let old: TestProcess
  let ours: TestProcess

  beforeAll(async () => {
    // Both keep one service for themselves, and know a service of the other one by another path.
    const settings = (name: string, aliases: Record<string, string>) => ({
      key: name,
      paths: [`${name}-notes`, `${name}-files`, `${name}-secrets`],
      aliases,
      // What the old plugin does not know, it passes over.
      options: { services: [`${name}-notes`, `${name}-files`], telemetry: name === 'new' }
    });
    [old, ours] = await Promise.all([
      mesh.node('old', OLD, settings('old', { 'new-files': 'alias-of-new' })),
      mesh.node('new', NEW, settings('new', { 'old-files': 'alias-of-old' }))
    ])
    await knows(old, 'new-notes', 'alias-of-new')
    await knows(ours, 'old-notes', 'alias-of-old')
  })

  afterAll(async () => await mesh.end())

  describe.each([
    ['the old node calls ours', () => old, 'new'],
    ['our node calls the old one', () => ours, 'old']
  ] as const)('when %s', (_what, nodeOf, other) => {
    const path = `${other}-notes`
    const alias = `alias-of-${other}`
    let caller: TestProcess

    beforeAll(() => { caller = nodeOf() })

    async function errorOf (method: string, ...args: unknown[]): Promise<PlainError> {
      const outcome = await caller.try('call', { path, method, args })
      if (!('error' in outcome)) throw new Error(`${method} gave ${JSON.stringify(outcome.value)}`)
      return outcome.error
    }

    it('pass on id, data and params for every standard and custom method', async () => {
      // Our node traces its calls; the old one passes on what it is given, which is nothing here.
      const traced = other === 'old' ? { trace: expect.any(String) } : {}
      for (const { method, args, got } of calls) {
        const note = await caller.ask('call', { path, method, args })
        expect([note].flat()).toEqual([{ node: other, path, method, ...got, ...params, ...traced, fromRemote: true }])
      }
    })

    it('reach a service by its alias', async () => {
      const found = await caller.ask('call', { path: alias, method: 'find', args: [params] })
      expect(found).toEqual([expect.objectContaining({ node: other, path: `${other}-files` })])
    })

    it('preserve the class, code, data and details of Feathers errors', async () => {
      expect(await errorOf('get', 'missing')).toEqual({
        name: 'NotFound',
        className: 'not-found',
        code: 404,
        message: 'there is no such note',
        data: { hint: 'try another' }
      })
      expect(await errorOf('get', 'wrong')).toMatchObject({
        name: 'BadRequest', className: 'bad-request', code: 400, message: 'the note is wrong',
        errors: [{ path: 'title', message: 'too long' }]
      })
      expect(await errorOf('get', 'taken')).toMatchObject({ name: 'Conflict', className: 'conflict', code: 409 })
    })

    it('do not show a service that the other side hides', async () => {
      expect(await caller.ask('remotes')).not.toHaveProperty([`${other}-secrets`])
    })

    it('fail a method that the other side hides', async () => {
      expect(await errorOf('shred', {})).toMatchObject({ name: expect.stringMatching(/Error|NotFound|MethodNotAllowed/) })
      const process = other === 'new' ? ours : old
      expect(await process.ask('counts', path)).not.toHaveProperty('shred')
    })

    it('report the health of the other side over REST', async () => {
      const url = `http://127.0.0.1:${await caller.ask<number>('listen')}/distribution/healthcheck`
      const answer = await fetch(`${url}/${other}`)
      expect([answer.status, await answer.json()]).toEqual([200, { [path]: true, [`${other}-files`]: true }])
      expect((await fetch(`${url}/nobody`)).status).toBe(404)
    })
  })

  const broken = async (caller: TestProcess, path: string): Promise<PlainError> => {
    const outcome = await caller.try('call', { path, method: 'get', args: ['broken'] })
    return (outcome as { error: PlainError }).error
  }

  it('preserve the name and message of a plain error on its way to the old node', async () => {
    const error = await broken(old, 'new-notes')
    expect(error).toMatchObject({ name: 'TypeError', message: 'the note is broken' })
  })

  it('turn a plain error of the old node into an error, although it sends nothing of it', async () => {
    const error = await broken(ours, 'old-notes')
    expect(error.name).toBe('Error')
    expect(error.message).not.toContain('[object')
  })

  it('keep fromRemote true, whatever the old caller sets', async () => {
    for (const fromRemote of [false, null, 'no', { yes: true }]) {
      const args = [{ ...params, fromRemote }]
      expect(await old.ask('call', { path: 'new-notes', method: 'find', args })).toMatchObject([{ fromRemote: true }])
    }
  })

  it('are in one trace where the client of the old node has begun one', async () => {
    const [trace, span] = ['0af7651916cd43dd8448eb211c80319c', 'b7ad6b7169203331']
    const args = [{ ...params, provider: 'rest', headers: { traceparent: `00-${trace}-${span}-01`, cookie: 'x' } }]
    await old.ask('call', { path: 'new-notes', method: 'find', args })
    const served = await ours.until('the span of the call', async () =>
      (await ours.ask<PlainSpan[]>('spans')).find(each => each.trace === trace))
    expect(served).toMatchObject({ name: 'new-notes/find', parent: span, failed: false })
    // The way back: the old node has no spans, and its program finds the trace in the headers.
    const answer = await ours.ask('call', { path: 'old-notes', method: 'find', args })
    const called = await ours.until('the span of the other call', async () =>
      (await ours.ask<PlainSpan[]>('spans')).find(each => each.trace === trace && each.name === 'old-notes/find'))
    expect(called.parent).toBe(span)
    expect(JSON.stringify(answer)).toContain(`00-${trace}-${called.id}-01`)
  })

  it.each([
    ['a hidden service', { path: 'new-secrets', type: 'find', params: {} }],
    ['the health of a hidden service', { path: 'new-secrets', type: 'healthcheck' }],
    ['a service that never existed', { path: 'nothing', type: 'find', params: {} }],
    ['a service by its alias', { path: 'alias-of-new', type: 'find', params: {} }],
    ['the service of another node', { path: 'alias-of-old', type: 'find', params: {} }],
    ['a hidden method', { path: 'new-notes', type: 'shred', data: {}, params: {} }],
    ['a method that never existed', { path: 'new-notes', type: 'nothing', data: {}, params: {} }],
    ['a method of Feathers', { path: 'new-notes', type: 'setup', data: {}, params: {} }],
    ['a method of event emitters', { path: 'new-notes', type: 'emit', data: 'created', params: {} }],
    ['a method of all objects', { path: 'new-notes', type: 'constructor', data: {}, params: {} }],
    ['a null path', { path: null, type: 'find', params: {} }]
  ])('reject a raw request of the old node for %s with an immediate error', async (_what, request) => {
    const outcome = await old.try('send', { key: 'new', ...request })
    expect(outcome).toMatchObject({ error: { name: 'NotFound', code: 404 } })
    expect(await ours.ask('counts', 'new-secrets')).toEqual({})
  })
})
