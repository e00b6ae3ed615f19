import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import createDebug from 'debug'
import type { Discovery } from 'feathers-mesh'
import { redis } from 'feathers-mesh/redis'
import { readRedisOptions } from '../../../../lib/transport/cote/discovery/ways/redis-place'
import { RedisWay } from '../../../../lib/transport/cote/discovery/ways/redis-way'
import { Authority } from '../../../security/authority'
import { CoteMesh, SECRET } from '../../../security/mesh-of'
import type { TodoService } from '../../../todo-service'
import { until } from '../../../until'
import { debugLines } from '../../../debug-lines'
import { hasRedis, RedisServer } from './redis-server'

const PASSWORD = 'nobody may read this'
const describeWithRedis = hasRedis ? describe : describe.skip

let mesh: CoteMesh
let server: RedisServer
const finallyDo: Array<() => unknown> = []

beforeEach(() => { mesh = new CoteMesh() })

afterEach(async () => {
  for (const action of finallyDo.splice(0)) await action()
  await mesh.end()
  await server.kill()
})

const lines = (part: string): string[] => mesh.log.filter(line => line.includes(part))

describeWithRedis.each(['ioredis', 'ioredis-6'])('nodes that use %s', name => {
  const wayTo = (password?: string): Discovery => {
    const { place } = readRedisOptions({ host: '127.0.0.1', port: server.port, password })
    if (place === undefined) throw new Error('the options are wrong')
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- as an application loads it
    return new RedisWay(place, () => require(name))
  }

  it('find each other, again after the server was killed, and call each other meanwhile', async () => {
    server = await RedisServer.start('--requirepass', PASSWORD)
    const written = debugLines('*')
    finallyDo.push(() => createDebug.disable())
    await mesh.host({ discovery: wayTo(PASSWORD) })
    const consumer = await mesh.node({ remotes: ['todos'], discovery: wayTo(PASSWORD) })
    const todos = consumer.remote<TodoService>('todos')
    expect(await todos.find()).toEqual([])
    await server.kill()
    await until('both lines', () => lines('is not there').length === 2)
    expect(await todos.find()).toEqual([])
    await server.start()
    await until('both lines', () => lines('is back').length === 2)
    const newcomer = await mesh.node({ remotes: ['todos'], discovery: wayTo(PASSWORD) })
    expect(await newcomer.remote<TodoService>('todos').find()).toEqual([])
    expect(mesh.log).toHaveLength(4)
    expect(written.join('\n')).toContain('ioredis')
    expect(written.join('\n')).not.toContain(PASSWORD)
  })

  it('tell once that the server refuses their password', async () => {
    server = await RedisServer.start('--requirepass', PASSWORD)
    await mesh.node({ discovery: wayTo('another one') })
    await until('a line', () => mesh.log.length > 0)
    expect(mesh.log).toEqual([expect.stringContaining('WRONGPASS')])
    expect(mesh.log.join()).not.toContain('another one')
  })
})

describeWithRedis('a Redis server with TLS', () => {
  it('is reached by rediss if its certificate has its name, and is of an authority that the node trusts', async () => {
    const authority = Authority.make('redis')
    const { key, cert } = authority.issue({ names: 'DNS:localhost,IP:127.0.0.1' })
    const folder = mkdtempSync(join(tmpdir(), 'redis-tls-'))
    finallyDo.push(() => rmSync(folder, { recursive: true }))
    const files = { key: String(key), cert: String(cert), ca: authority.ca.join('\n') }
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
    server = await RedisServer.withTls(folder)
    const discovery = redis({ url: `rediss://127.0.0.1:${server.port}`, tls: { ca: authority.ca } })
    await mesh.host({ discovery, secret: SECRET })
    expect(await (await mesh.consumer({ discovery, secret: SECRET })).find()).toEqual([])
    expect(mesh.log).toEqual([])
    await mesh.node({ discovery: `rediss://127.0.0.1:${server.port}` })
    await until('a line', () => mesh.log.length > 0)
    expect(mesh.log).toEqual([expect.stringMatching(/certificate/)])
  })
})
