import { feathers } from '@feathersjs/feathers'
import { NotFound } from '@feathersjs/errors'
import { DistributedModule } from 'feathers-mesh'
import { run } from '../../lib/cli/run'
import { USAGE } from '../../lib/cli/usage'
import { until } from '../until'
import { cli, type Ran } from './cli'

const PLACE = { environment: `cli-${process.pid}`, discovery: 'broadcast://127.255.255.255' }
const ARGS = Object.entries(PLACE).flatMap(([name, value]) => [`--${name}`, value])

/** Of the mesh of this file. */
const ours = async (...args: string[]): Promise<Ran> => await cli([...args, ...ARGS])

let node: DistributedModule

beforeAll(async () => {
  const app = feathers()
  app.use('todos', {
    async get (id: string) { throw new NotFound(`no todo\u001b[2J ${id}`) },
    async create (data: object, params?: { query?: object }) {
      return { data, query: params?.query, big: 7n, odd: '\u009b' }
    }
  }, { methods: ['get', 'create'], events: ['done'] })
  node = DistributedModule.forRoot({ app, name: 'todo-host', ...PLACE, cote: { helloInterval: 200 } })
  await node.start()
})

afterAll(async () => { await node.stop() })

describe('feathers-mesh nodes', () => {
  it('prints the nodes of the mesh, and not the command line', async () => {
    const { code, out, err } = await ours('nodes')
    expect([code, err]).toEqual([0, ''])
    // Other meshes of tests may be heard on the same port.
    const lines = out.split('\n').filter(line => !line.startsWith('not reached: '))
    expect(lines.map(line => line.split(/\s/)[0])).toEqual(['NODE', 'todo-host', ''])
    expect(node.nodes().map(({ name }) => name)).toEqual(['todo-host'])
  })

  it('prints what they answer as JSON', async () => {
    const { out } = await ours('nodes', '--json')
    const { nodes } = JSON.parse(out)
    expect(nodes).toEqual([expect.objectContaining({ name: 'todo-host', services: ['todos'] })])
    expect(nodes[0]).toMatchObject({ way: 'cote', address: expect.stringMatching(/^127/), roundTripMs: expect.any(Number) })
    expect(nodes[0].report).toMatchObject({ name: 'todo-host', version: expect.any(String) })
  })

  it('tells that there is none, and whom it heard instead', async () => {
    const { code, out } = await cli(['nodes', '--discovery', PLACE.discovery, '--environment', 'nobody'])
    expect([code, out]).toEqual([1, expect.stringContaining('no node was heard within a second')])
    expect(out).toContain(`its environment is '${PLACE.environment}'`)
  })
})

describe('feathers-mesh services', () => {
  it('prints all services', async () => {
    expect((await ours('services')).out).toMatch(/^todos +todo-host +get create +created .*done$/m)
  })

  it('prints one of them with its methods, or that there is no such', async () => {
    expect((await ours('services', 'todos')).out).toMatch(/^create +\d|^create +-/m)
    expect(await ours('services', 'users')).toEqual({ code: 1, out: "no node offers 'users'\n", err: '' })
  })
})

describe('feathers-mesh call', () => {
  it('prints the result of a call as JSON, without control characters', async () => {
    const { code, out } = await ours('call', 'todos', 'create', '{"a":1}', '--query', '{"b":2}', '--json')
    expect([code, JSON.parse(out)]).toEqual([0, { data: { a: 1 }, query: { b: 2 }, big: '7', odd: '\ufffd' }])
  })

  it('prints the error of a call, without control characters', async () => {
    expect(await ours('call', 'todos', 'get', '--id', '7')).toEqual({ code: 1, out: '', err: 'no todo\ufffd[2J 7\n' })
  })

  it('fails where no node offers the method', async () => {
    expect(await ours('call', 'todos', 'burn')).toMatchObject({ code: 1, err: 'todos.burn(): no node offers it\n' })
  })
})

describe('feathers-mesh tap', () => {
  it('shows calls and events until it has shown enough', async () => {
    const tapping = ours('tap', 'todos', '--sides', 'sent', '--count', '2')
    await until('the tap', () => node.inspect().taps === 1)
    for (let n = 0; n < 3; n++) node.app.service('todos').emit('done', n)
    const { code, out } = await tapping
    expect(code).toBe(0)
    expect(out).toMatch(/^([\d:.]+ {2}todo-host {2}>> {2}todos done {2}\d+ bytes\n){2}$/)
  })

  it('ends when somebody ends it', async () => {
    const ended = new AbortController()
    const tapping = cli(['tap', ...ARGS], { signal: ended.signal })
    await until('the tap', () => node.inspect().taps === 1)
    ended.abort()
    expect(await tapping).toMatchObject({ code: 0 })
    await until('the end of the tap', () => node.inspect().taps === 0)
  })
})

describe('feathers-mesh watch', () => {
  it('prints as many tables of nodes and methods as --count tells, outside a terminal', async () => {
    const call = setInterval(() => { void ours('call', 'todos', 'create', '{}') }, 400)
    try {
      const { code, out } = await ours('watch', '--count', '2')
      expect(code).toBe(0)
      expect(out.match(/^[\d:]+ UTC, 1 node$/gm)).toHaveLength(2)
      expect(out).toMatch(/^todo-host +default +127\.[\d.:]+ +\d+ \w+ +1 +[\d.]+ +0 /m)
      expect(out).toMatch(/^todos\.create +1 +[\d.]+ +0 +\d+ +[\d.]+ +[\d.]+ +[\d.]+$/m)
    } finally {
      clearInterval(call)
    }
  })

  it('prints a document in each line as JSON', async () => {
    const { out } = await ours('watch', '--count', '2', '--json')
    const pictures = out.trim().split('\n').map(line => JSON.parse(line))
    expect(pictures).toHaveLength(2)
    expect(pictures[1].nodes).toEqual([expect.objectContaining({ name: 'todo-host', state: 'answers' })])
  })

  it('refreshes a terminal until somebody presses q, and gives it back as it was', async () => {
    let [out, isGivenBack] = ['', false]
    let press = (_key: string): void => {}
    const ended = run({
      args: ['watch', ...ARGS],
      variables: {},
      signal: new AbortController().signal,
      load: async () => ({}),
      out: text => { out += text },
      err: () => {},
      terminal: {
        size: () => ({ columns: 20, rows: 4 }),
        onKey (listener) {
          press = listener
          return () => { isGivenBack = true }
        }
      }
    })
    await until('two pages', () => out.split('\u001b[H').length > 2)
    press('q')
    expect([await ended, isGivenBack]).toEqual([0, true])
    expect(out.startsWith('\u001b[?1049h')).toBe(true)
    expect(out.endsWith('\u001b[?1049l')).toBe(true)
    const lines = out.split('\u001b[H')[1].split('\r\n').map(line => line.replace('\u001b[K', ''))
    expect(lines).toHaveLength(4)
    expect(Math.max(...lines.map(line => line.replace('\u001b[J', '').length))).toBeLessThanOrEqual(20)
  })
})

describe('feathers-mesh', () => {
  it('shows how it is used', async () => {
    expect(await cli(['--help'])).toEqual({ code: 0, out: USAGE, err: '' })
    expect(await cli([])).toEqual({ code: 0, out: USAGE, err: '' })
  })

  it.each([
    [['bogus'], "there is no command 'bogus'"], [['__proto__'], "there is no command '__proto__'"],
    [['nodes', '--secret', 'x'], "Unknown option '--secret'"], [['nodes', '--count', '1'], 'nodes takes no --count'],
    [['call', 'todos'], 'call takes 2 to 3 words after it'], [['nodes', 'all'], 'nodes takes 0 words after it'],
    [['nodes', '--discovery', 'redis://a:b@redis'], 'set the variable MESH_DISCOVERY'],
    [['nodes', '--discovery', 'redis://redis?password=b'], 'set the variable MESH_DISCOVERY'],
    [['nodes', '--tls-key', 'a'], 'give --tls-key, --tls-cert and --tls-ca together'],
    [['nodes', '--discovery', 'odd://a'], 'feathers-mesh is not set up correctly'],
    [['call', 'a', 'b', 'text', ...ARGS], 'the data is no JSON'], [['tap', '--count', '0', ...ARGS], '--count takes'],
    [['tap', '--sides', 'left', ...ARGS], "--sides takes some of served,called,sent,received, and not 'left'"]
  ])('tells what is wrong with %j', async (args, expected) => {
    const { code, out, err } = await cli(args)
    expect([code, out, err]).toEqual([2, '', expect.stringContaining(expected)])
    expect(err).toContain('--help')
  })
})
