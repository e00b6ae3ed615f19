import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Params } from '@feathersjs/feathers'
import type { CallScope } from '../../../lib/remote/call/call-scope'
import { rejection } from '../../until'
import { ScriptedMesh, todos } from '../scripted-transport'

/** A service of this node that records its calls, and answers when the test releases them. */
class Service {
  readonly calls: Array<{ readonly method: string, readonly args: readonly unknown[], readonly scope?: CallScope }> = []
  readonly mesh: ScriptedMesh
  private answers: Array<{ resolve: (value: unknown) => void, reject: (error: Error) => void }> = []

  constructor (methods = todos(['find', 'get', 'create', 'patch', 'complete'])) {
    this.mesh = new ScriptedMesh({
      timeout: 1,
      runLocally: async (_path, method, args) => {
        this.calls.push({ method, args, scope: this.mesh.remotes.scopes.current() })
        return await new Promise((resolve, reject) => this.answers.push({ resolve, reject }))
      }
    })
    this.mesh.registry.offer(methods)
  }

  /** The params of the last call. */
  get params (): Params | undefined {
    return this.calls.at(-1)?.args.at(-1) as Params | undefined
  }

  answer (value: unknown): void {
    for (const { resolve } of this.answers.splice(0)) resolve(value)
  }

  fail (error: Error): void {
    for (const { reject } of this.answers.splice(0)) reject(error)
  }
}

const scope = (deadline: number, signal = new AbortController().signal): CallScope => (
  { deadline, signal, ended: false }
)

function onBehalfOf<T> ({ mesh: { remotes } }: Service, outer: CallScope, work: () => T): T {
  return remotes.scopes.run(outer, work)
}

describe('a local call without timeout or signal', () => {
  it('passes its arguments unchanged and starts no timer, because no message can get lost', async () => {
    const service = new Service()
    const timers = jest.spyOn(global, 'setTimeout')
    const params = { query: {}, connection: {}, signal: 'its own' }
    const call = service.mesh.call('find', [params])
    await nextTurn()
    expect(timers).not.toHaveBeenCalled()
    timers.mockRestore()
    expect(service.calls[0]?.args[0]).toBe(params)
    expect(service.calls[0]?.scope).toBeUndefined()
    service.answer('found')
    expect(await call).toBe('found')
  })
})

describe('the timeout of a local call', () => {
  it('rejects it as over the mesh, and aborts the signal of the service', async () => {
    const service = new Service()
    const error = await rejection(service.mesh.call('create', [{ a: 1 }], { timeout: 20 }))
    expect(error).toMatchObject({
      name: 'Timeout', code: 408, data: { path: 'todos', method: 'create', node: 'here', outcome: 'unknown' }
    })
    expect(error.message).toBe('todos.create(): no reply from node here within 20 ms')
    const reason = { name: 'AbortError', message: 'the time of the call is over' }
    expect(service.params?.signal?.reason).toMatchObject(reason)
    // What it still says is nobody's business.
    service.fail(new Error('late'))
  })

  it('is that of the method unless the call has its own', async () => {
    const contract = todos(['find', 'slow'])
    const methods = contract.methods.map(method => method.name === 'slow' ? { ...method, timeout: 20 } : method)
    const service = new Service({ ...contract, methods })
    const messages = await Promise.all([service.mesh.call('slow'), service.mesh.call('slow', [], { timeout: 10 })]
      .map(async call => (await rejection(call)).message))
    expect(messages.map(message => message.replace(/.* within/, ''))).toEqual([' 20 ms', ' 10 ms'])
  })

  it('is the remaining time of the call on whose behalf it is made', async () => {
    const service = new Service()
    const deadline = Date.now() + 60_000
    void onBehalfOf(service, scope(deadline), async () => await service.mesh.call('find'))
    expect(service.params?.deadline).toBeCloseTo(deadline, -3)
    service.answer(1)

    const find = async (): Promise<unknown> => await service.mesh.call('find')
    const error = await rejection(onBehalfOf(service, scope(Date.now() + 20), find))
    expect(error).toMatchObject({ name: 'Timeout', data: { node: 'here', outcome: 'unknown' } })
    service.answer(1)

    const over = await rejection(onBehalfOf(service, scope(Date.now() - 1), find))
    expect(over).toMatchObject({ name: 'Timeout', data: { path: 'todos', method: 'find', outcome: 'not-sent' } })
    expect(service.calls).toHaveLength(2)
  })

  it('leaves no timer that keeps the process alive when the service answers in time', async () => {
    const service = new Service()
    const made = jest.spyOn(global, 'setTimeout')
    const call = service.mesh.call('find', [], { timeout: 60_000 })
    expect(service.params?.signal?.aborted).toBe(false)
    service.answer('found')
    expect(await call).toBe('found')
    expect(made).toHaveBeenCalled()
    for (const { value } of made.mock.results) expect((value as NodeJS.Timeout).hasRef() ?? false).toBe(false)
    made.mockRestore()
  })
})

describe('the service of a local call', () => {
  it.each([
    ['find', [], 0], ['find', [{ query: { a: 1 } }], 0], ['get', [1], 1], ['create', [{ b: 2 }, { query: {} }], 1],
    ['patch', [null, { b: 2 }], 2], ['complete', [{ b: 2 }], 1]
  ])('finds the deadline in the params of %s(%j), wherever they stand', async (method, args, position) => {
    const service = new Service()
    const before = Date.now()
    const call = service.mesh.call(method, args, { timeout: 60_000 })
    const given = [...service.calls[0]?.args ?? []]
    const { deadline, signal, ...params } = given[position] as Params
    expect(deadline).toBeGreaterThan(before + 59_000)
    expect(signal).toBeInstanceOf(AbortSignal)
    expect(params).toEqual(args[position] ?? {})
    expect(given.slice(0, position)).toEqual(args.slice(0, position))
    service.answer(1)
    await call
  })

  it("receives the deadline of the call instead of the one in the caller's params, which stay unchanged", async () => {
    const service = new Service()
    const params = { query: {}, deadline: 5, provider: 'rest' }
    const call = service.mesh.call('find', [params], { timeout: 60_000 })
    expect(service.params).toMatchObject({ query: {}, provider: 'rest', deadline: expect.any(Number) })
    expect(service.params?.deadline).toBeGreaterThan(5)
    expect(params.deadline).toBe(5)
    service.answer(1)
    await call
  })

  it('receives no deadline when the call only has a signal', async () => {
    const service = new Service()
    const call = service.mesh.call('find', [], { signal: new AbortController().signal })
    expect(Object.keys(service.params ?? {})).toEqual(['signal'])
    service.answer(1)
    await call
  })

  it('passes the remaining time to the calls that it makes until it has answered', async () => {
    const service = new Service()
    const call = service.mesh.call('find', [], { timeout: 60_000 })
    const [{ scope: own } = {}] = service.calls
    expect(own).toMatchObject({ deadline: expect.closeTo(service.params?.deadline ?? 0, -3), ended: false })
    expect(own?.signal).toBe(service.params?.signal)
    service.answer(1)
    await call
    expect(own?.ended).toBe(true)
  })

  it('rejects the call with its own error before the timeout', async () => {
    const service = new Service()
    const error = new Error('no such todo')
    const call = service.mesh.call('find', [], { timeout: 60_000 })
    service.fail(error)
    expect(await rejection(call)).toBe(error)
  })
})

describe('the signal of a local call', () => {
  it('rejects it with the abort reason, and aborts the signal of the service', async () => {
    const service = new Service()
    const controller = new AbortController()
    const call = service.mesh.call('find', [], { signal: controller.signal })
    const aborted = jest.fn()
    service.params?.signal?.addEventListener('abort', aborted)
    const reason = new Error('changed my mind')
    controller.abort(reason)
    expect(await rejection(call)).toBe(reason)
    expect(aborted).toHaveBeenCalledTimes(1)
    expect(service.params?.signal?.reason).toMatchObject({ name: 'AbortError', message: 'its caller gave the call up' })
    service.fail(new Error('given up'))
  })

  it('keeps the service from being called when it has already aborted', async () => {
    const service = new Service()
    const call = service.mesh.call('find', [], { signal: AbortSignal.abort() })
    expect(await rejection(call)).toMatchObject({ name: 'AbortError' })
    expect(service.calls).toEqual([])
  })

  it('includes the signal of the call on whose behalf it is made', async () => {
    const service = new Service()
    const controller = new AbortController()
    const outer = scope(Infinity, controller.signal)
    const call = rejection(onBehalfOf(service, outer, async () => await service.mesh.call('find')))
    controller.abort(new Error('given up'))
    expect((await call).message).toBe('given up')
    service.answer(1)
  })

  it('loses its listener when the call ends', async () => {
    const service = new Service()
    const { signal } = new AbortController()
    const off = jest.spyOn(signal, 'removeEventListener')
    const call = service.mesh.call('find', [], { signal })
    service.answer(1)
    await call
    expect(off).toHaveBeenCalledWith('abort', expect.any(Function))
  })
})

describe('a signal shared by many calls', () => {
  it.each([['in the process', true], ['over the mesh', false]])('is not seen as a leak %s', async (_where, here) => {
    const warnings: Error[] = []
    const onWarning = (warning: Error): void => { warnings.push(warning) }
    process.on('warning', onWarning)
    const { mesh } = new Service()
    if (!here) {
      mesh.registry.withdraw('todos')
      mesh.join('one')
    }
    const controller = new AbortController()
    const options = { signal: controller.signal, timeout: 60_000 }
    const calls = Array.from({ length: 30 }, () => rejection(mesh.call('find', [], options)))
    const reason = new Error('enough')
    controller.abort(reason)
    expect(await Promise.all(calls)).toEqual(Array(30).fill(reason))
    // Node warns in a turn of its own.
    await nextTurn()
    process.off('warning', onWarning)
    expect(warnings).toEqual([])
  })
})
