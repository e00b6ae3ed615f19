import { feathers } from '@feathersjs/feathers'
import distribution, { finalize, initialize } from 'feathers-mesh'
import { until } from '../until'
import { has, NamedService, pluginNodes } from './plugin-nodes'

const nodes = pluginNodes()

async function get (url: string): Promise<{ status: number, body: unknown }> {
  const response = await fetch(url, { headers: { accept: 'application/json' } })
  return { status: response.status, body: await response.json() }
}

describe('the option remotes of the plugin', () => {
  it('keeps services on the app while their only host restarts, so that clients wait and hooks stay', async () => {
    const host = nodes.app({ key: 'backend' })
    host.use('users', new NamedService('host'))
    const { app, url } = await nodes.gateway('express', { plugin: { remotes: ['/users/'] } })
    await until('users are there', () => has(app, 'users'))
    const hook = jest.fn()
    app.service('users').hooks({ before: { find: [hook] } })
    await finalize(host)
    const answer = get(`${url}/users`)
    await initialize(host)
    expect(await answer).toEqual({ status: 200, body: 'host' })
    expect(hook).toHaveBeenCalledTimes(1)
  })

  it('leads to 503 when no host joins in time', async () => {
    const host = nodes.app({ key: 'backend' })
    host.use('users', new NamedService('host'))
    const { app, url } = await nodes.gateway('express', { plugin: { remotes: ['users'], timeout: 50 } })
    await until('users are there', () => has(app, 'users'))
    await finalize(host)
    expect(await get(`${url}/users`)).toMatchObject({ status: 503, body: { name: 'Unavailable' } })
  })

  it('delays neither the setup of the app nor initialize', async () => {
    const app = nodes.app({ remotes: ['users'], coteDelay: -1, timeout: 60_000 })
    await app.setup()
    await initialize(app)
    expect(app.remoteApps).toBeDefined()
  })

  it('is refused when it names a path that the mesh cannot have', () => {
    expect(() => feathers().configure(distribution({ remotes: ['constructor'] }))).toThrow(
      "option 'remotes' names 'constructor', where no service can be on the mesh, " +
      "as every object has something that is called 'constructor'"
    )
    expect(() => feathers().configure(distribution({ remotes: [7] } as object)))
      .toThrow('remotes must be a list of paths')
  })
})
