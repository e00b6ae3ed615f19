import { feathers } from '@feathersjs/feathers'
import { DistributedModule, type DistributedModuleOptions } from 'feathers-mesh'
import { freePort } from '../free-port'
import { hasNats, NatsServer } from '../transport/nats/nats-server'
import { stoppedAfterEach } from '../stopped-after-each'
import { cli } from './cli'

const environment = `cli-options-${process.pid}`
const BROADCAST = 'broadcast://127.255.255.255'

const nodes = stoppedAfterEach<DistributedModule>()

/** A node that hosts a service. */
async function host (options: DistributedModuleOptions): Promise<DistributedModule> {
  const app = feathers()
  app.use('todos', { async find () { return ['milk'] } })
  const node = DistributedModule.forRoot({ app, name: 'todo-host', environment, ...options })
  nodes.push(node)
  await node.start()
  return node
}

describe('--discovery', () => {
  it.each(['static', 'unicast'])('takes %s:// with commas between places, as MESH_DISCOVERY does', async scheme => {
    const [own, other] = [await freePort(), await freePort()]
    await host({ discovery: `static://127.0.0.1:${other}`, listen: `127.0.0.1:${own}` })
    const url = scheme === 'static' ? `static://127.0.0.1:${other},127.0.0.1:${own}` : 'unicast://127.0.0.2,127.0.0.1'
    const args = ['nodes', '--environment', environment, '--json']
    const [byArgument, byVariable] = [
      await cli([...args, '--discovery', url]), await cli(args, { variables: { MESH_DISCOVERY: url } })
    ]
    expect([byArgument.err, byArgument.code]).toEqual(['', byVariable.code])
    // Who is sent hellos need not answer; at a place, there is a node.
    if (scheme === 'static') expect(byArgument.out).toContain('"name":"todo-host"')
  })

  it('takes several URLs with spaces between them, and goes before the variable', async () => {
    const port = await freePort()
    await host({ discovery: BROADCAST, cote: { helloInterval: 200 } })
    const { code, out } = await cli(
      ['nodes', '--environment', environment, '--json', '--discovery', `static://127.0.0.1:${port}  ${BROADCAST}`],
      { variables: { MESH_DISCOVERY: 'odd://a' } }
    )
    expect([code, out]).toEqual([0, expect.stringContaining('"name":"todo-host"')])
  })
})

describe('--transport', () => {
  it('takes the names and URLs that MESH_TRANSPORT takes', async () => {
    const { code, err } = await cli(['nodes', '--transport', 'nets://a'])
    expect([code, err]).toEqual([2, expect.stringContaining("option 'transport' names an unknown transport 'nets://a'")])
    const args = ['nodes', '--environment', environment, '--discovery', BROADCAST, '--json']
    await host({ discovery: BROADCAST, cote: { helloInterval: 200 } })
    const found = await cli([...args, '--transport', 'cote'], { variables: { MESH_TRANSPORT: 'odd://a' } })
    expect(found).toMatchObject({ code: 0, err: '', out: expect.stringContaining('"way":"cote"') })
  })

  const onNats = hasNats ? it : it.skip

  onNats('finds the nodes on a NATS server, also as one of several transports', async () => {
    const server = await NatsServer.start()
    try {
      await host({ transport: server.url })
      const args = ['nodes', '--environment', environment, '--json', '--transport']
      // The client asks each server of the list in turn.
      for (const transport of [server.url, `${server.url},127.0.0.1:${server.port}`, `${server.url} cote`]) {
        const { code, out, err } = await cli([...args, transport], { variables: { MESH_TRANSPORT: 'cote' } })
        expect([code, err]).toEqual([0, ''])
        expect(JSON.parse(out)).toMatchObject({ nodes: [{ name: 'todo-host', way: 'nats', services: ['todos'] }] })
      }
    } finally {
      await Promise.all(nodes.splice(0).map(async node => await node.stop()))
      await server.stop()
    }
  })
})

describe('a password in an argument', () => {
  it.each([
    'redis://:b@h', 'redis://a:b@h', 'redis://:a,b@h', 'redis://:a/b@h', 'redis://:a?b@h', 'redis://:a#b@h',
    'redis://:a b@h', 'redis://:a@b@h', 'redis://a:@h', 'rediss://:a%2Cb@h', 'redis://:%61%2f@h', 'redis://a%3Ab@h',
    'redis://a%3ab@h', 'static://10.0.0.7:4100,10.0.0.8:4100 redis://:b@h', 'redis://h?password=b',
    'redis://h?db=1&p%61ssword=b', 'redis://h?auth_token=b', 'redis://:a,redis://b@h', 'REDIS://:b@h'
  ])('is refused in --discovery %s, with the variable to use', async url => {
    const { code, out, err } = await cli(['nodes', '--discovery', url])
    expect([code, out, err]).toEqual([2, '', expect.stringContaining('set the variable MESH_DISCOVERY')])
  })

  it.each([
    'nats://a:b@h', 'nats://a:b,c@h:4222', 'nats://a:b/c@h', 'nats://h,a:b@i', 'cote tls://a:b@h', 'nats://h?token=b',
    'nats://a%3Ab@h'
  ])('is refused in --transport %s, with the variable to use', async url => {
    const { code, out, err } = await cli(['nodes', '--transport', url])
    expect([code, out, err]).toEqual([2, '', expect.stringContaining('set the variable MESH_TRANSPORT')])
  })

  it('is a token before the host of a NATS server, too', async () => {
    const { code, err } = await cli(['nodes', '--transport', 'nats://token@h:4222'])
    expect([code, err]).toEqual([2, expect.stringContaining('set the variable MESH_TRANSPORT')])
  })

  it.each([
    'redis://user@h', 'redis://user@h:6379/0?db=1', 'static://10.0.0.7:4100 redis://user@h', 'redis://us%2Cer@h',
    'redis://h:6379/0?family=6'
  ])('is none in --discovery %s', async url => {
    const { err } = await cli(['nodes', '--discovery', url, '--listen', 'no address'])
    expect(err).toContain('feathers-mesh is not set up correctly')
    expect(err).not.toContain('MESH_DISCOVERY')
  })
})
