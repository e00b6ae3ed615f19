import { existsSync } from 'node:fs'
import { SpanKind } from '@opentelemetry/api'
import { chromium } from 'playwright-core'
import { TestProcess } from '../../process'
import { until } from '../../until'
import type { PlainSpan } from './collector'

const TRACE = '0af7651916cd43dd8448eb211c80319c'
const OUTSIDE = 'b7ad6b7169203331'

const roles = ['gateway', 'a', 'b', 'listener'] as const
type Role = typeof roles[number]

const executablePath = '/usr/bin/chromium'
const canBrowse = existsSync(executablePath) || Boolean(process.env.CI)
if (!canBrowse) console.warn(`No browser begins a trace here, because there is no ${executablePath}.`)

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

/** From the call of the gateway to the listener. */
const CHAIN = [
  'CLIENT orders/create', 'SERVER orders/create', 'CLIENT notes/create', 'SERVER notes/create',
  'PRODUCER send notes created', 'CONSUMER process notes created'
]

interface Chain {
  readonly chain: ReadonlyArray<string | undefined>
  readonly called: PlainSpan | undefined
  readonly sent: PlainSpan | undefined
  readonly heard: PlainSpan
}

/** The spans of one trace, each the parent of the next one, from the listener back to the gateway. */
async function chainOf (trace: string): Promise<Chain> {
  const ofTrace = async (role: Role): Promise<PlainSpan[]> =>
    (await nodes[role].ask<PlainSpan[]>('spans')).filter(span => span.trace === trace)
  const heard = await until('the listener in the trace', async () =>
    (await ofTrace('listener')).find(({ name }) => name === 'process notes created'))
  const spans: PlainSpan[] = [heard]
  for (const role of ['b', 'b', 'a', 'a', 'gateway'] as const) {
    const [{ parent }] = spans
    const found = await until(`the parent of ${spans[0].name}`, async () =>
      (await ofTrace(role)).find(({ id }) => id === parent))
    spans.unshift(found)
  }
  return { chain: spans.map(({ kind, name }) => `${SpanKind[kind]} ${name}`), called: spans[0], sent: spans[4], heard }
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
    const { chain, called, sent, heard } = await chainOf(TRACE)
    expect(chain).toEqual(CHAIN)
    expect(called?.parent).toBe(OUTSIDE)
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

  const inBrowser = canBrowse ? it : it.skip

  inBrowser('goes on with the trace of a page in a browser, as far as the listener of an event', async () => {
    await startAll()
    await until('the listener to be subscribed', async () => {
      await request('orders', { method: 'POST', body: '{}' })
      return await nodes.listener.ask<number>('heard') > 0
    })
    const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu', '--no-first-run'] })
    try {
      const page = await browser.newPage()
      // A page of the gateway itself: one of another origin would need CORS.
      await page.goto(`http://127.0.0.1:${port}/page`)
      const { trace, span, answer } = await page.evaluate(async () => {
        const hex = (bytes: number): string =>
          Array.from(crypto.getRandomValues(new Uint8Array(bytes)), byte => byte.toString(16).padStart(2, '0')).join('')
        const [trace, span] = [hex(16), hex(8)]
        const response = await fetch('/orders', {
          method: 'POST',
          headers: { 'content-type': 'application/json', traceparent: `00-${trace}-${span}-01` },
          body: JSON.stringify({ text: 'tea' })
        })
        return { trace, span, answer: await response.json() }
      })
      expect(answer).toEqual({ text: 'tea' })
      const { chain, called } = await chainOf(trace)
      expect([chain, called?.parent]).toEqual([CHAIN, span])
    } finally {
      await browser.close()
    }
  })

  it('lets the baggage of outside clients reach services when the options allow it', async () => {
    await startAll({ BAGGAGE: 'yes' })
    const response = await request('orders', { method: 'POST', body: JSON.stringify({ text: 'tea' }) })
    expect(await response.json()).toEqual({ text: 'tea', baggage: 'ada' })
  })
})
