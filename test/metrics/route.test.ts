import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import express, { original, rest } from '@feathersjs/express'
import { feathers, type Application } from '@feathersjs/feathers'
import { koa, rest as koaRest } from '@feathersjs/koa'
import distribution, { ConfigurationError } from 'feathers-mesh'
import { memoryMesh } from '../memory-mesh'
import { freePort } from '../free-port'
import { until } from '../until'
import { readText, sampleOf } from './exposition'

const mesh = memoryMesh()
const apps: Application[] = []

afterEach(async () => { await Promise.all(apps.splice(0).map(async app => await app.teardown())) })

type HttpApp = Application & { listen (port: number, host: string): Promise<Server> }

async function listen (app: HttpApp): Promise<string> {
  apps.push(app)
  const server = await app.listen(0, '127.0.0.1')
  if (!server.listening) await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function get (url: string): Promise<{ status: number, type: string | null, text: string }> {
  const response = await fetch(url, { headers: { connection: 'close' } })
  return { status: response.status, type: response.headers.get('content-type'), text: await response.text() }
}

const ADAPTERS: ReadonlyArray<[string, () => HttpApp]> = [
  ['Express', () => express(feathers()).configure(rest())], ['Koa', () => koa(feathers()).configure(koaRest())]
]

describe.each(ADAPTERS)('the metrics of an app of %s', (_name, makeApp) => {
  it('are served at metricsPath, also without the probes', async () => {
    const app = makeApp()
    mesh.node({ app, metricsPath: '/internal/metrics', health: false })
    const url = await listen(app)
    const { status, type, text } = await get(`${url}/internal/metrics`)
    expect([status, type]).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8'])
    expect(sampleOf(readText(text), 'feathers_mesh_info')).toBe(1)
    const isReady = async (): Promise<boolean> =>
      sampleOf(readText((await get(`${url}/internal/metrics/?x`)).text), 'feathers_mesh_ready') === 1
    await until(isReady)
    expect((await get(`${url}/livez`)).status).toBe(404)
  })

  it('are served nowhere unless metricsPath is given, also for the plugin', async () => {
    const [own, plugged] = [makeApp(), makeApp()]
    mesh.node({ app: own })
    plugged.configure(distribution({ transport: mesh.transport() }))
    for (const app of [own, plugged]) expect((await get(`${await listen(app)}/metrics`)).status).toBe(404)
  })

  it('are served at the place of the probes alone where there is one', async () => {
    const port = await freePort()
    const app = makeApp()
    mesh.node({ app, metricsPath: '/metrics', health: { port } })
    const url = await listen(app)
    expect((await get(`${url}/metrics`)).status).toBe(404)
    expect((await get(`${url}/livez`)).status).toBe(200)
    expect(sampleOf(readText((await get(`http://127.0.0.1:${port}/metrics`)).text), 'feathers_mesh_info')).toBe(1)
  })
})

describe('the option metricsPath', () => {
  it('leaves its path to a route of the app', async () => {
    const web = original()
    const app: HttpApp = express(feathers(), web).configure(rest())
    web.get('/metrics', (_request: unknown, response: { send (text: string): unknown }) => { response.send('mine') })
    mesh.node({ app, metricsPath: '/metrics' })
    expect((await get(`${await listen(app)}/metrics`)).text).toBe('mine')
  })

  it('needs HTTP, or a port of the probes', () => {
    const start = (): unknown => mesh.node({ metricsPath: '/metrics' })
    expect(start).toThrow(ConfigurationError)
    expect(start).toThrow("option 'metricsPath' needs an app of Express or Koa, or health: { port }")
  })

  it.each(['metrics', '/', '/a/:b', '/livez', ''])('is no such path as %s', path => {
    expect(() => mesh.node({ metricsPath: path, health: { port: 1 } })).toThrow(/option 'metricsPath' is wrong/)
  })
})
