import { once } from 'node:events'
import express from '@feathersjs/express'
import { feathers, type Application } from '@feathersjs/feathers'
import { koa } from '@feathersjs/koa'
import socketio from '@feathersjs/socketio'
import distribution, {
  Distributed, DistributedMethod, finalize, initialize, InjectRemote, type DistributedModule,
  type DistributionOptions, type RemoteService
} from 'feathers-mesh'
import { Membership } from '../../lib/feathers/membership'
import { meshOf } from '../../lib/feathers/mesh'
import { Publication } from '../../lib/feathers/offering/publication'
import { memoryMesh } from '../memory-mesh'
import { rejection, until } from '../until'
import { BareNode } from '../bare-node'

const mesh = memoryMesh()

/** Answers with its version. */
const config = { get: async (id: string) => ({ id, version: 1 }) }

interface Config { get (id: string): Promise<{ version: number }> }

/** Who waits for something that a test lets happen. */
function gate (): { open: () => void, opened: Promise<void> } {
  let open = (): void => {}
  const opened = new Promise<void>(resolve => { open = resolve })
  return { open, opened }
}

async function hostOfConfig (): Promise<DistributedModule> {
  return await mesh.start({ key: 'host', app: feathers().use('config', config) })
}

/** An app whose service asks that of another node while it is set up. */
function asking (app: Application, ask: () => Promise<unknown>): { readonly got: unknown[] } {
  const got: unknown[] = []
  app.use('asking', { find: async () => got, setup: async () => { got.push(await ask()) } } as object)
  return { got }
}

/** The paths that a node sees of others. */
const seen = (node: DistributedModule): string[] =>
  node.services().filter(({ local }) => !local).map(({ path }) => path)

describe('a call to another node while the app is set up', () => {
  it.each([['first', true], ['last', false]])('succeeds when the host joins %s', async (_when, hostFirst) => {
    if (hostFirst) await hostOfConfig()
    const app = feathers()
    const node = mesh.node({ app })
    const { got } = asking(app, async () => await node.remote<Config>('config').get('a'))
    const set = app.setup()
    if (!hostFirst) await hostOfConfig()
    await set
    expect(got).toEqual([{ id: 'a', version: 1 }])
  })

  it('succeeds from a class with an injected remote in the app of forRoot', async () => {
    @Distributed('reader')
    class Reader {
      version = 0
      constructor (@InjectRemote('config') private readonly config: RemoteService<Config>) {}
      async setup (): Promise<void> { this.version = (await this.config.get('a')).version }
      @DistributedMethod() async find (): Promise<number> { return this.version }
    }
    await hostOfConfig()
    const node = await mesh.start({ services: [Reader] })
    expect(await node.remote(Reader).find()).toBe(1)
  })

  it.each([
    ['before', true], ['after', false]
  ])('succeeds from a setup hook that was registered %s the mesh', async (_when, early) => {
    await hostOfConfig()
    const app = feathers()
    const got: unknown[] = []
    const ask = async (): Promise<void> => { got.push(await node.remote<Config>('config').get('a')) }
    const hook = { setup: [async (_context: unknown, next: () => Promise<void>) => {
      await ask()
      await next()
      await ask()
    }] }
    if (early) app.hooks(hook)
    const node = mesh.node({ app })
    if (!early) app.hooks(hook)
    await app.setup()
    expect(got).toEqual([{ id: 'a', version: 1 }, { id: 'a', version: 1 }])
  })

  it('succeeds with the plugin', async () => {
    await hostOfConfig()
    const app = feathers()
    app.configure(distribution({ transport: mesh.transport() }))
    const { got } = asking(app, async () => await until(() => Object.hasOwn(app.services as object, 'config'))
      .then(async () => await app.service('config').get('a')))
    await app.setup()
    expect(got).toEqual([{ id: 'a', version: 1 }])
    await finalize(app)
  })

  it.each<[string, () => Application]>([
    ['Express', () => express(feathers())],
    ['Koa', () => koa(feathers())],
    ['socket.io alone', () => feathers().configure(socketio())],
    ['Koa with socket.io after the mesh', () => koa(feathers())]
  ])('succeeds during listen() of %s', async (name, make) => {
    await hostOfConfig()
    const app = make()
    const node = mesh.node({ app })
    if (name.endsWith('after the mesh')) app.configure(socketio())
    const { got } = asking(app, async () => await node.remote<Config>('config').get('a'))
    const server = await app.listen(0)
    expect(got).toEqual([{ id: 'a', version: 1 }])
    await app.teardown()
    if (!server.listening) return
    const closed = once(server, 'close')
    server.close()
    await closed
  })

  it('times out when two nodes wait for each other, and both join the mesh afterward', async () => {
    const outcomes: unknown[] = []
    const nodes = ['one', 'other'].map((name, index, names) => {
      const app = feathers()
      const node = mesh.node({ app, timeout: 100 })
      const other = node.remote<{ find (): Promise<unknown> }>(names[1 - index] ?? '')
      const setup = async (): Promise<void> => {
        outcomes.push(await other.find().catch(({ name: error }: Error) => error))
      }
      app.use(name, { find: async () => name, setup } as object)
      return { app, node }
    })
    await Promise.all(nodes.map(async ({ app }) => await app.setup()))
    // Where one has given up and offers its service, the other one may still be in time.
    expect(outcomes[0]).toBe('Unavailable')
    for (const { node } of nodes) await until('each sees the other', () => seen(node).length === 1)
  })
})

describe('a node whose app is being set up', () => {
  it('is on the mesh but offers no service until the setup has ended', async () => {
    const { open, opened } = gate()
    const app = feathers()
    app.use('slow', { find: async () => 'ready', setup: async () => await opened } as object)
    mesh.node({ app, key: 'slow' })
    const caller = await mesh.start()
    const set = app.setup()
    await until('the caller knows it', () => caller.nodes().length === 2)
    app.use('late', config)
    const call = caller.remote<{ find (): Promise<string> }>('slow').find()
    expect(seen(caller)).toEqual([])
    open()
    await set
    expect(seen(caller).sort()).toEqual(['late', 'slow'])
    expect(await call).toBe('ready')
  })

  it('holds back calls of old nodes, which cannot retry, and rejects those of new nodes', async () => {
    const { open, opened } = gate()
    const app = feathers()
    app.use('slow', { find: async () => 'ready', setup: async () => await opened } as object)
    const node = mesh.node({ app })
    const stranger = await new BareNode(mesh.transport()).start()
    const set = app.setup()
    const id = await until(() => [...stranger.peers.keys()][0])
    const old = stranger.ask(id, { path: 'slow' })
    const refused = await rejection(stranger.ask(id, { path: 'slow', deadline: Date.now() + 5_000 }))
    expect(refused.message).toContain('slow.find() is not offered by this node')
    open()
    await set
    expect(await old).toBe('ready')
    expect(node.services()).toHaveLength(1)
    await stranger.transport.stop(0)
  })

  it('leaves the mesh when the setup fails, and can be set up again', async () => {
    let fails = true
    const app = feathers()
    const setup = async (): Promise<void> => { if (fails) throw new Error('no database') }
    app.use('flaky', { find: async () => 'ready', setup } as object)
    mesh.node({ app })
    const caller = await mesh.start()
    expect((await rejection(app.setup())).message).toBe('no database')
    expect(caller.nodes()).toHaveLength(1)
    fails = false
    await app.setup()
    expect(seen(caller)).toEqual(['flaky'])
  })

  it('stays off the mesh when it is stopped during the setup', async () => {
    const { open, opened } = gate()
    const app = feathers()
    app.use('slow', { find: async () => 'ready', setup: async () => await opened } as object)
    const node = mesh.node({ app })
    const caller = await mesh.start()
    const set = app.setup()
    await until(() => caller.nodes().length === 2)
    await node.stop()
    open()
    await set
    expect([caller.nodes().length, seen(caller)]).toEqual([1, []])
  })
})

describe('the setup of an app', () => {
  it('does not wait for remotes, because calls wait for them', async () => {
    const app = feathers()
    const node = mesh.node({ app, remotes: ['config'], timeout: 60_000 })
    await app.setup()
    const call = node.remote<Config>('config').get('a')
    await hostOfConfig()
    expect(await call).toMatchObject({ version: 1 })
  })

  it('is only a part of start(), which also waits for the remotes', async () => {
    const node = mesh.node({ remotes: ['config'], timeout: 20 })
    expect(await rejection(node.start())).toMatchObject({ name: 'Unavailable', data: { path: 'config' } })
    await hostOfConfig()
    await node.start()
    expect(seen(node)).toEqual(['config'])
  })

  it('fails before any service is set up when the node cannot join', async () => {
    const transport = mesh.transport()
    jest.spyOn(transport, 'start').mockRejectedValueOnce(new Error('port taken'))
    const app = feathers()
    const setup = jest.fn()
    app.use('own', { find: async () => 'own', setup } as object)
    const node = mesh.node({ app, transport })
    expect((await rejection(app.setup())).message).toBe('port taken')
    expect(setup).not.toHaveBeenCalled()
    expect((await rejection(node.remote<Config>('config').get('a'))).message)
      .toBe('config.get(): this node could not join the mesh: port taken')
    await app.setup()
    expect(setup).toHaveBeenCalledTimes(1)
  })
})

describe('a call on a node off the mesh', () => {
  const says = async (call: Promise<unknown>): Promise<unknown> => (await rejection(call)).message

  it('fails at once, with advice, when the node has never joined', async () => {
    const node = mesh.node({ timeout: 60_000 })
    const error = await rejection(node.remote<Config>('config').get('a'))
    expect(error).toMatchObject({
      name: 'Unavailable',
      message: 'config.get(): this node has not joined the mesh: call start(), or listen() of its app',
      data: { path: 'config', method: 'get', outcome: 'not-sent' }
    })
  })

  it('fails with the same advice when waitForService is false', async () => {
    const node = mesh.node({ waitForService: false })
    expect(await says(node.remote<Config>('config').get('a'))).toContain('has not joined the mesh')
  })

  it('waits when the node is starting', async () => {
    await hostOfConfig()
    const node = mesh.node()
    const started = node.start()
    expect(await node.remote<Config>('config').get('a')).toMatchObject({ version: 1 })
    await started
  })

  it.each([
    [-1, 'call initialize(app)'], [20, undefined]
  ])('fails or waits with the plugin depending on its coteDelay, here %i', async (coteDelay, advice) => {
    const app: Application = feathers()
    app.configure(distribution({ transport: mesh.transport(), coteDelay, timeout: 60_000 }))
    const call = meshOf(app)?.remotes.call('config', 'get', ['a']) ?? Promise.resolve()
    if (advice === undefined) {
      await hostOfConfig()
      expect(await call).toMatchObject({ version: 1 })
    } else {
      expect(await says(call)).toBe(`config.get(): this node has not joined the mesh: ${advice}`)
    }
    await finalize(app)
  })

  it('fails when the node has left, and waits when the node joins again', async () => {
    await hostOfConfig()
    const node = await mesh.start()
    await node.stop()
    expect(await says(node.remote<Config>('config').get('a'))).toBe('config.get(): this node has left the mesh')
    const started = node.start()
    expect(await node.remote<Config>('config').get('a')).toMatchObject({ version: 1 })
    await started
  })
})

describe('a node that is torn down and set up again during its first setup', () => {
  it.each([
    ['forRoot makes', 'ends', true], ['forRoot makes', 'fails', true], ['it is given', 'ends', false],
    ['it is given', 'fails', false]
  ])('is on the mesh with an app that %s when the first setup %s later', async (_whose, end, isOwn) => {
    const slow = gate()
    let times = 0
    @Distributed('slow')
    class Slow {
      async setup (): Promise<void> {
        if (++times > 1) return
        await slow.opened
        if (end === 'fails') throw new Error('it was torn down')
      }

      @DistributedMethod() async find (): Promise<number> { return 1 }
    }
    const observer = await mesh.start()
    const node = mesh.node({ services: [Slow], ...isOwn ? {} : { app: feathers() } })
    const [setUp, tearDown] = isOwn
      ? [async () => await node.start(), async () => await node.stop()]
      : [async () => { await node.app.setup() }, async () => { await node.app.teardown() }]
    const first = setUp().catch(() => {})
    await until(() => times === 1)
    await tearDown()
    await setUp()
    slow.open()
    await first
    expect(seen(observer)).toEqual(['slow'])
  })
})

describe('a node that is started again while it leaves after a failed start', () => {
  it('joins the mesh', async () => {
    const failing = gate()
    let tries = 0
    const membership = new Membership({ startsWithApp: true, startDelay: undefined, howToStart: 'call start()' }, {
      publication: new Publication(0, () => {}),
      connect: async () => {
        if (++tries > 1) return
        await failing.opened
        throw new Error('the port is taken')
      },
      disconnect: async () => {},
      goodbye: async () => {}, open: () => {},
      close: () => {}
    })
    const first = rejection(membership.join())
    const left = membership.leave()
    const second = membership.join()
    failing.open()
    expect(await first).toMatchObject({ message: 'the port is taken' })
    await Promise.all([left, second])
    expect([tries, membership.isOn, membership.isWanted]).toEqual([2, true, true])
  })
})

/** Sets up an app that is off the mesh, and checks that `initialize`, and nothing before it, makes it join. */
async function setUpAndInitialize (app: Application, sees: () => string[]): Promise<void> {
  await app.setup()
  expect(sees()).toEqual([])
  await initialize(app)
  expect(sees()).toEqual(['own'])
}

/** A node with the plugin, and what another one sees of it. */
async function pluginNode (options: DistributionOptions = {}): Promise<{ app: Application, sees: () => string[] }> {
  const observer = await mesh.start()
  const app: Application = feathers()
  app.configure(distribution({ transport: mesh.transport(), ...options }))
  app.use('own', config)
  return { app, sees: () => seen(observer) }
}

describe('an app with the plugin after its teardown', () => {
  it.each([0, 20])('rejoins the mesh on the next setup with a coteDelay of %i', async coteDelay => {
    const { app, sees } = await pluginNode({ coteDelay })
    await app.setup()
    await until(() => sees().includes('own'))
    for (let n = 0; n < 2; n++) {
      await app.teardown()
      expect(sees()).toEqual([])
      await app.setup()
      await until('it is back', () => sees().includes('own'))
    }
    await app.teardown()
    await app.teardown()
    await app.setup()
    await until('it is back after two teardowns', () => sees().includes('own'))
    await finalize(app)
  })

  it('stays off the mesh with a coteDelay of -1 until initialize', async () => {
    const { app, sees } = await pluginNode({ coteDelay: -1 })
    await setUpAndInitialize(app, sees)
    await app.teardown()
    await setUpAndInitialize(app, sees)
    await finalize(app)
  })

  it('stays off the mesh after finalize until initialize', async () => {
    const { app, sees } = await pluginNode()
    await app.setup()
    await finalize(app)
    await app.teardown()
    await setUpAndInitialize(app, sees)
    await app.teardown()
    await app.setup()
    expect(sees()).toEqual(['own'])
    await finalize(app)
  })
})
