import { SpanKind } from '@opentelemetry/api'
import { TestProcess } from '../../process'
import { until } from '../../until'
import type { PlainSpan } from './collector'

const TRACE = '0af7651916cd43dd8448eb211c80319c'
const OUTSIDE = 'b7ad6b7169203331'

const roles = ['gateway', 'a', 'b', 'listener'] as const
type Role = typeof roles[number]

let nodes: Record<Role, TestProcess>
let port: number

async function startAll (env: NodeJS.ProcessEnv = {}): Promise<void> {
  const start = (role: Role): TestProcess =>
    new TestProcess('telemetry/traced-node', { ...process.env, ROLE: role, ...env })
  nodes = { gateway: start('gateway'), a: start('a'), b: start('b'), listener: start('listener') }
  const ports = await Promise.all(roles.map(async role => await nodes[role].ask<number>('listen')))
  port = ports[0] ?? 0
  for (const role of ['gateway', 'a', 'listener'] as const) {
    await until(async () => (await nodes[role].ask<unknown[]>('services')).length >= 2)
  }
}

async function request (path: string, init: RequestInit = {}): Promise<Response> {
  const headers = { 'content-type': 'application/json', traceparent: `00-${TRACE}-${OUTSIDE}-01`, baggage: 'user=ada' }
  return await fetch(`http://127.0.0.1:${port}/${path}`, { headers, ...init })
}

async function spanOf (role: Role, name: string, kind: SpanKind): Promise<PlainSpan> {
  return await until(`${name} of ${role}`, async () =>
    (await nodes[role].ask<PlainSpan[]>('spans')).find(span => span.name === name && span.kind === kind))
}

afterEach(async () => {
  await Promise.all(Object.values(nodes).map(async node => await node.stop()))
})

describe('a mesh with telemetry', () => {
  it('makes one trace of an HTTP request, the calls that it causes, and the listener of an event', async () => {
    await startAll()
    await until(async () => {
      const response = await request('orders', { method: 'POST', body: JSON.stringify({ text: 'tea' }) })
      expect(await response.json()).toEqual({ text: 'tea' })
      return await nodes.listener.ask<number>('heard') > 0
    })
    const heard = await spanOf('listener', 'process notes created', SpanKind.CONSUMER)
    const sent = (await nodes.b.ask<PlainSpan[]>('spans')).find(({ id }) => id === heard.parent)
    const servedByB = (await nodes.b.ask<PlainSpan[]>('spans')).find(({ id }) => id === sent?.parent)
    const calledByA = (await nodes.a.ask<PlainSpan[]>('spans')).find(({ id }) => id === servedByB?.parent)
    const servedByA = (await nodes.a.ask<PlainSpan[]>('spans')).find(({ id }) => id === calledByA?.parent)
    const called = (await nodes.gateway.ask<PlainSpan[]>('spans')).find(({ id }) => id === servedByA?.parent)
    const chain = [called, servedByA, calledByA, servedByB, sent, heard]
    expect(chain.map(span => span === undefined ? undefined : `${SpanKind[span.kind]} ${span.name}`)).toEqual([
      'CLIENT orders/create', 'SERVER orders/create', 'CLIENT notes/create', 'SERVER notes/create',
      'PRODUCER send notes created', 'CONSUMER process notes created'
    ])
    expect(called?.parent).toBe(OUTSIDE)
    expect(new Set(chain.map(span => span?.trace))).toEqual(new Set([TRACE]))
    expect(heard.links).toEqual([sent?.id])
    expect(called?.attributes).toMatchObject({
      'rpc.system.name': 'feathers_mesh', 'rpc.method': 'orders/create', 'rpc.status_code': 'ok'
    })

    const error = await request('orders/7')
    expect(error.ok).toBe(false)
    const failed = await spanOf('a', 'orders/get', SpanKind.SERVER)
    expect(failed.failed).toBe(true)
    expect(failed.attributes).toMatchObject({ 'error.type': 'NotFound', 'rpc.status_code': 'NotFound' })

    const byName = await nodes.a.ask<Record<string, object[]>>('measured')
    expect(byName['rpc.server.call.duration']).toContainEqual(
      { 'rpc.system.name': 'feathers_mesh', 'rpc.method': 'orders/create', 'rpc.status_code': 'ok' }
    )
    expect(Object.keys(byName)).toContain('rpc.client.call.duration')
    expect(Object.keys(await nodes.listener.ask('measured'))).toEqual(
      expect.arrayContaining(['messaging.client.consumed.messages', 'messaging.process.duration'])
    )
  })

  it('lets the baggage of outside clients reach services when the options allow it', async () => {
    await startAll({ BAGGAGE: 'yes' })
    const response = await request('orders', { method: 'POST', body: JSON.stringify({ text: 'tea' }) })
    expect(await response.json()).toEqual({ text: 'tea', baggage: 'ada' })
  })
})
