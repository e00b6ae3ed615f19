import express, { rest } from '@feathersjs/express'
import { feathers, type Application, type HookContext } from '@feathersjs/feathers'
import distribution, { finalize, type DistributedModule } from 'feathers-mesh'
import { meshOf } from '../../lib/feathers/mesh'
import { memoryMesh } from '../memory-mesh'
import { rejection, until } from '../until'

const mesh = memoryMesh()

interface Things { create (data: object): Promise<object>, find (): Promise<unknown> }

const things = { find: async () => [], create: async (data: object) => data }

/** Feathers takes an app for a service, which its types don't say. */
const mount = (app: Application, path: string, sub: Application): Application => app.use(path, sub as never)

const seen = (node: DistributedModule): string[] =>
  node.services().filter(({ local }) => !local).map(({ path }) => path).sort()

describe('services of a sub-app', () => {
  it.each([
    ['before', true], ['after', false]
  ])('can be called and listened to from other nodes when it is mounted %s the mesh', async (_when, before) => {
    const app: Application = feathers()
    const api: Application = feathers()
    const inner: Application = feathers().use('deep', things)
    const put = (): void => {
      mount(api, 'v1', inner)
      mount(app, 'api', api.use('things', things))
    }
    if (before) put()
    await mesh.start({ app })
    if (!before) put()
    const caller = await mesh.start({ remotes: ['api/things', 'api/v1/deep'] })
    const heard: unknown[] = []
    for (const path of ['api/things', 'api/v1/deep']) {
      caller.remote<Things>(path).on('created' as never, ((thing: object, { path: from, method }: HookContext) => {
        heard.push([from, method, thing])
      }) as never)
    }
    await caller.remote<Things>('api/things').find()
    await until('they are listened to', async () => {
      heard.length = 0
      await caller.remote<Things>('api/things').create({ by: 'mesh' })
      await api.service('things').create({ by: 'sub-app' })
      await app.service('api/things').create({ by: 'app' })
      await inner.service('deep').create({ by: 'deep' })
      await caller.remote<Things>('api/things').find()
      return heard.length > 0
    })
    expect(heard).toEqual([
      ['api/things', 'create', { by: 'mesh' }],
      ['api/things', 'create', { by: 'sub-app' }],
      ['api/things', 'create', { by: 'app' }],
      ['api/v1/deep', 'create', { by: 'deep' }]
    ])
  })

  it('run with the same hook context as without the mesh', async () => {
    const app: Application = feathers()
    const api: Application = feathers().use('things', things)
    const contexts: unknown[] = []
    const note = ({ app: its, path, params }: HookContext): void => {
      contexts.push([its === api, path, params.fromRemote])
    }
    api.service('things').hooks({ before: { create: [note] } })
    mount(app, 'api', api)
    await mesh.start({ app })
    const caller = await mesh.start({ remotes: ['api/things'] })
    await caller.remote<Things>('api/things').create({})
    await app.service('api/things').create({})
    expect(contexts).toEqual([[true, 'things', true], [true, 'things', undefined]])
  })

  it('do not include the health route of a mesh, wherever the app is mounted', async () => {
    const [outer, app, sub] = [feathers(), feathers(), feathers().use('x', things)] as Application[]
    mesh.node({ app: sub })
    mesh.node({ app, healthcheckPath: 'well' })
    mount(app, 'second', sub)
    const node = await mesh.start({ app: mount(outer, 'first', app) })
    const caller = await mesh.start()
    await until(() => seen(caller).length > 0)
    expect(seen(caller)).toEqual(['first/second/x'])
    expect(await outer.service('first/well').find()).toEqual({})
    expect(node.services()).toHaveLength(1)
  })
})

describe('a mesh node on a sub-app', () => {
  it('joins and leaves with its parent, and offers its services after their setup', async () => {
    await mesh.start({ app: feathers().use('config', things) })
    const steps: string[] = []
    const [app, sub] = [feathers(), feathers()] as Application[]
    sub.use('first', { ...things, setup: async () => { steps.push(`first ${seen(caller).join()}`) } } as object)
    const node = mesh.node({ app: sub })
    sub.use('second', {
      ...things,
      setup: async () => {
        await node.remote<Things>('config').find()
        steps.push(`second ${seen(caller).join()}`)
      }
    } as object)
    const caller = await mesh.start()
    mount(app, 'api', sub)
    for (let n = 0; n < 2; n++) {
      await app.setup()
      await until('both are offered', () => seen(caller).length === 3)
      await app.teardown()
      expect(seen(caller)).toEqual(['config'])
    }
    expect(steps).toEqual(['first config', 'second config', 'first config', 'second config'])
  })

  it('joins and leaves with the parent of its parent', async () => {
    const [outer, app, sub] = [feathers(), feathers(), feathers().use('own', things)] as Application[]
    mesh.node({ app: sub })
    mount(outer, 'outer', mount(app, 'api', sub))
    const caller = await mesh.start()
    await outer.setup()
    await until(() => seen(caller).includes('own'))
    await outer.teardown()
    expect(seen(caller)).toEqual([])
  })

  it('leaves when the setup of one of its services fails', async () => {
    const [app, sub] = [feathers(), feathers()] as Application[]
    mesh.node({ app: sub })
    sub.use('own', { ...things, setup: async () => { throw new Error('no database') } } as object)
    mount(app, 'api', sub)
    const caller = await mesh.start()
    expect((await rejection(app.setup())).message).toBe('no database')
    await until('it has left', () => meshOf(sub)?.isWanted === false && caller.nodes().length === 1)
  })

  it('fails the setup of its parent when it cannot join', async () => {
    const transport = mesh.transport()
    jest.spyOn(transport, 'start').mockRejectedValueOnce(new Error('port taken'))
    const [app, sub] = [feathers(), feathers()] as Application[]
    mesh.node({ app: sub, transport })
    mount(app, 'api', sub)
    expect((await rejection(app.setup())).message).toBe('port taken')
  })

  it('joins and leaves with an Express parent, which does not set up its services', async () => {
    const make = (): Application => express(feathers()).configure(rest())
    const [app, sub] = [make(), make()]
    mesh.node({ app: sub })
    sub.use('own', things)
    app.use('/api', sub as never)
    const caller = await mesh.start()
    await app.setup()
    await until(() => seen(caller).includes('own'))
    await app.teardown()
    expect(seen(caller)).toEqual([])
  })

  it('joins at once with the plugin, and again when its parent is set up again', async () => {
    const [app, sub] = [feathers(), feathers()] as Application[]
    sub.configure(distribution({ transport: mesh.transport() })).use('own', things)
    const caller = await mesh.start()
    await until(() => seen(caller).includes('own'))
    mount(app, 'api', sub)
    await app.setup()
    await app.teardown()
    expect(seen(caller)).toEqual([])
    await app.setup()
    await until(() => seen(caller).includes('own'))
    await finalize(sub)
  })
})
