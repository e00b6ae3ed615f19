import { connect } from 'node:net'
import { feathers, type Params } from '@feathersjs/feathers'
import type { DistributedModule } from 'feathers-mesh'
import { frame } from '../transport/cote/wire'
import { until } from '../until'
import { freePort } from '../free-port'
import { CoteMesh, SECRET } from './mesh-of'
import { RawConnection } from './raw-connection'

const NOTHING = 'nothing'
let mesh: CoteMesh
let port: number
let seen: Array<Params | undefined>

beforeEach(async () => {
  mesh = new CoteMesh()
  seen = []
  port = await freePort()
})
afterEach(async () => await mesh.end())

/** A node with a service for all, one for a key, and one that is kept out. */
async function victim (secret?: string): Promise<DistributedModule> {
  const service = () => ({
    async find (params?: Params) {
      seen.push(params)
      return 'found'
    },
    async remove () { return 'removed' },
    async setup () {}
  })
  const app = feathers()
  app.use('open', service(), { distributedMethods: ['find'] })
  app.use('closed', service(), { allow: ['gateway'] })
  app.use('hidden', service())
  return await mesh.node({ app, secret, services: ['open', 'closed'], cote: { basePort: port } })
}

/** What a raw client of cote gets for a request, as text; a caller may be claimed first. */
async function ask (request: object, claimed?: object): Promise<string> {
  const socket = connect(port, '127.0.0.1').on('error', () => {})
  const received: Buffer[] = []
  if (claimed !== undefined) socket.write(frame(`j:${JSON.stringify({ type: 'mesh:caller', data: claimed })}`, 's:!'))
  socket.write(frame(`j:${JSON.stringify({ key: 'default', ...request })}`, 's:the id'))
  await new Promise<void>(resolve => {
    socket.on('data', chunk => {
      received.push(chunk)
      if (Buffer.concat(received).includes('the id')) resolve()
    })
    socket.once('close', () => resolve())
  })
  socket.destroy()
  const answer = Buffer.concat(received).toString()
  return answer.includes('the id') ? answer : NOTHING
}

const HIDDEN: ReadonlyArray<readonly [what: string, request: { type: string, path: string }]> = [
  ['a hidden service', { type: 'find', path: 'hidden' }],
  ['a method outside distributedMethods', { type: 'remove', path: 'open' }],
  ['the method setup', { type: 'setup', path: 'open' }],
  ['the method constructor', { type: 'constructor', path: 'open' }],
  ['the path __proto__', { type: 'find', path: '__proto__' }]
]

describe('a raw client', () => {
  it.each(HIDDEN)('gets the answer for a path that never existed when it asks for %s', async (_what, request) => {
    await victim()
    const never = await ask({ type: request.type, path: 'never' })
    expect((await ask(request)).replaceAll(request.path, 'never').slice(5)).toContain('NotFound')
    const words = (answer: string): string => answer.replace(/^.*?j:/s, '').replaceAll(request.path, 'never')
    expect(words(await ask(request))).toBe(words(never))
    expect(seen).toEqual([])
  })

  it('learns nothing of hidden services when it asks for contracts', async () => {
    await victim()
    const told = await ask({ type: 'mesh:contracts', path: '' })
    expect(told).toContain('"path":"open","methods":[{"name":"find","idempotent":true}]')
    for (const hidden of ['hidden', 'setup', 'gateway']) expect(told).not.toContain(`"${hidden}"`)
  })

  it('cannot forge fromRemote and caller', async () => {
    await victim()
    await ask({ type: 'find', path: 'open', params: { fromRemote: false, caller: { key: 'gateway', proven: true } } })
    expect(seen).toEqual([{ fromRemote: true, caller: { proven: false, address: '127.0.0.1' } }])
  })

  it('is refused a service that needs a key when it claims none', async () => {
    await victim()
    expect(await ask({ type: 'find', path: 'closed' })).toContain('Forbidden')
  })

  it('is believed when it claims a key and a user in an open mesh', async () => {
    await victim()
    const params = { user: { id: 1 } }
    expect(await ask({ type: 'find', path: 'closed', params }, { node: 'x', key: 'gateway' })).toContain('found')
    expect(seen[0]).toMatchObject({ user: { id: 1 }, caller: { key: 'gateway', proven: false } })
  })

  it.each([
    ['claims no key', undefined, ['open']],
    ['claims a key in an open mesh', { node: 'x', key: 'gateway' }, ['closed', 'open']]
  ])('receives only the events that it may hear when it %s', async (_what, claimed, heard) => {
    const node = await victim()
    const client = await RawConnection.to(port)
    try {
      if (claimed !== undefined) {
        client.socket.write(frame(`j:${JSON.stringify({ type: 'mesh:caller', data: claimed })}`, 's:!'))
      }
      client.ask('listening', { type: 'mesh:listen', path: '', data: ['open', 'closed', 'hidden'] })
      await until('the answer', () => client.answer('listening'))
      for (const path of ['hidden', 'closed', 'open']) node.app.service(path).emit('created', 'something')
      const paths = (): unknown[] => client.frames.map(([message]) => (message as { path?: string } | null)?.path)
      await until('the last one', () => paths().includes('open'))
      expect(paths().filter(path => path !== undefined)).toEqual(heard)
      expect(node.counters().forbiddenEvents).toBe(claimed === undefined ? 1 : 0)
    } finally {
      client.socket.destroy()
    }
  })

  it.each<[string, object]>([
    ...HIDDEN.map(([what, request]) => [what, request] as [string, object]),
    ['an open service', { type: 'find', path: 'open' }], ['a closed service', { type: 'find', path: 'closed' }],
    ['contracts', { type: 'mesh:contracts', path: '' }]
  ])('gets no answer when it asks for %s of a closed mesh', async (_what, request) => {
    await victim(SECRET)
    expect(await ask(request, { node: 'x', key: 'gateway' })).toBe(NOTHING)
    expect(seen).toEqual([])
  })
})
