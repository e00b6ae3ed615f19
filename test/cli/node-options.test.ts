import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { feathers } from '@feathersjs/feathers'
import { Distributed, DistributedMethod, DistributedModule, type DistributedModuleOptions } from 'feathers-mesh'
import { Authority } from '../security/authority'
import { silentLogger } from '../silent-logger'
import { stoppedAfterEach } from '../stopped-after-each'
import { until } from '../until'
import { cli } from './cli'

const PLACE = { environment: `cli-node-${process.pid}`, discovery: 'broadcast://127.255.255.255' }
const ARGS = Object.entries(PLACE).flatMap(([name, value]) => [`--${name}`, value])

@Distributed({ path: 'vault', allow: ['ops'] })
class Vault {
  @DistributedMethod()
  async find (): Promise<number[]> { return [7] }
}

const nodes = stoppedAfterEach<DistributedModule>()

async function host (options: DistributedModuleOptions): Promise<DistributedModule> {
  const node = DistributedModule.forRoot({
    name: 'host', logger: silentLogger, ...PLACE, cote: { helloInterval: 200 }, drainTimeout: 100, ...options
  })
  nodes.push(node)
  await node.start()
  return node
}

describe('--key', () => {
  it('is the key by which nodes answer questions and calls, and goes before MESH_KEY', async () => {
    await host({ services: [Vault], inspect: ['ops'] })
    const call = ['call', 'vault', 'find', '--json', ...ARGS]
    const variables = { MESH_KEY: 'guests' }
    expect(await cli([...call, '--key', 'ops'], { variables })).toEqual({ code: 0, out: '[7]\n', err: '' })
    expect(await cli(call, { variables })).toMatchObject({ code: 1, err: expect.stringContaining('is not allowed') })
    const ask = async (key: string): Promise<unknown> => {
      const { out } = await cli(['nodes', '--json', ...ARGS, '--key', key])
      return (JSON.parse(out) as { nodes: Array<{ report?: unknown }> }).nodes[0]?.report
    }
    expect(await ask('ops')).toMatchObject({ name: 'host' })
    expect(await ask('guests')).toBeUndefined()
  })
})

describe('--tls-key, --tls-cert and --tls-ca', () => {
  let folder: string

  beforeEach(() => { folder = mkdtempSync(join(tmpdir(), 'cli-tls-')) })
  afterEach(() => rmSync(folder, { recursive: true }))

  /** The arguments for certificates, which are in files. */
  function argumentsOf (authority: Authority, key: string): string[] {
    const { key: privateKey, cert } = authority.node(key)
    const texts = { 'tls-key': String(privateKey), 'tls-cert': String(cert), 'tls-ca': authority.ca.join('\n') }
    return Object.entries(texts).flatMap(([name, text]) => {
      const file = join(folder, name)
      writeFileSync(file, text)
      return [`--${name}`, file]
    })
  }

  it('prove to nodes with certificates who asks, by its key', async () => {
    const authority = Authority.make()
    await host({ services: [Vault], tls: authority.node('default') })
    const call = ['call', 'vault', 'find', '--json', ...ARGS, '--key', 'ops']
    expect(await cli([...call, ...argumentsOf(authority, 'ops')])).toEqual({ code: 0, out: '[7]\n', err: '' })
    // A certificate of another authority, and none.
    const strange = await cli([...call, ...argumentsOf(Authority.make('strange'), 'ops')])
    expect([strange.code, strange.err]).toEqual([1, expect.stringContaining('vault.find(): no node offers it')])
    expect((await cli(call)).code).toBe(1)
  })

  it('name the file that is missing', async () => {
    const [, , ...others] = argumentsOf(Authority.make(), 'default')
    const missing = join(folder, 'missing')
    const { code, err } = await cli(['nodes', ...ARGS, '--tls-key', missing, ...others])
    expect([code, err]).toEqual([2, expect.stringContaining(`${missing} can't be read`)])
  })
})

describe('--timeout', () => {
  it('ends a call that takes longer, and not one that takes less', async () => {
    const app = feathers()
    app.use('slow', {
      async find () { return await new Promise<never>(() => {}) },
      async get (id: string) { return { id } }
    }, { methods: ['find', 'get'] })
    await host({ app })
    const { code, err } = await cli(['call', 'slow', 'find', ...ARGS, '--timeout', '30'])
    expect([code, err]).toEqual([1, expect.stringMatching(/^slow\.find\(\): .*no answer of node .* within 30 ms\n$/)])
    const { out } = await cli(['call', 'slow', 'get', '--id', '7', '--json', ...ARGS, '--timeout', '60000'])
    expect(JSON.parse(out)).toEqual({ id: '7' })
  })
})

describe('--payloads', () => {
  it.each([
    ['shows what events carry, where the node allows it', true, ['--payloads'], true],
    ['shows nothing where the node does not allow it', false, ['--payloads'], false],
    ['shows nothing where the node allows it, without it', true, [], false]
  ])('%s', async (_what, payloads, args, isShown) => {
    const app = feathers()
    app.use('todos', { async find () { return [] } }, { methods: ['find'], events: ['done'] })
    const node = await host({ app, inspect: { payloads } })
    const tapping = cli(['tap', 'todos', '--sides', 'sent', '--count', '1', ...ARGS, ...args])
    await until('the tap', () => node.inspect().taps === 1)
    node.app.service('todos').emit('done', { title: 'milk' })
    const { code, out } = await tapping
    expect([code, out.includes('todos done'), out.includes('"title":"milk"')]).toEqual([0, true, isShown])
  })
})

describe('--insecure', () => {
  it('looks at a mesh that others could reach, which is refused without it', async () => {
    await host({ services: [Vault], listen: '0.0.0.0', insecure: true, inspect: true })
    const nodes = ['nodes', '--json', ...ARGS, '--listen', '0.0.0.0']
    expect(await cli(nodes)).toMatchObject({ code: 2, err: expect.stringContaining('insecure: true') })
    const { code, out } = await cli([...nodes, '--insecure'])
    expect([code, out]).toEqual([0, expect.stringContaining('"name":"host"')])
  })
})
