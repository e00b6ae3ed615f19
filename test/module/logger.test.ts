import { Writable } from 'node:stream'
import { feathers } from '@feathersjs/feathers'
import distribution, {
  ConfigurationError, DistributedModule, finalize, initialize, type Logger, type LogRecord
} from 'feathers-mesh'
import { pino } from 'pino'
import { idOf, memoryMesh } from '../memory-mesh'
import { CoteMesh, SECRET } from '../security/mesh-of'
import { TodoService } from '../todo-service'
import { until } from '../until'
import { warnings } from '../warnings'

interface Line extends LogRecord {
  readonly level: number
  readonly msg: string
}

/** pino as programs use it, with its lines. */
function pinoLogger (level = 'debug'): { logger: pino.Logger, lines: Line[] } {
  const lines: Line[] = []
  const stream = new Writable({
    write (chunk: Buffer, _encoding, done) {
      lines.push(JSON.parse(chunk.toString()) as Line)
      done()
    }
  })
  return { logger: pino({ level }, stream), lines }
}

const of = (lines: readonly Line[], code: string): Line[] => lines.filter(line => line.code === `FEATHERS_MESH_${code}`)

const mesh = memoryMesh()

let told: string[]

beforeEach(() => { told = warnings() })
afterEach(() => { jest.restoreAllMocks() })

describe('a node with pino as its logger', () => {
  it('tells pino when it joins and leaves the mesh, and when others do', async () => {
    const { logger, lines } = pinoLogger()
    const node = await mesh.start({ logger, key: 'gateway' })
    const other = await mesh.start({ key: 'todos', services: [TodoService] })
    await until(() => of(lines, 'NODE_JOINED').length > 0)
    await other.stop()
    await until(() => of(lines, 'NODE_LEFT').length > 0)
    await node.stop()
    expect(lines.map(({ code, level }) => [code, level])).toEqual([
      ['FEATHERS_MESH_JOINED', 30], ['FEATHERS_MESH_NODE_JOINED', 20], ['FEATHERS_MESH_NODE_LEFT', 20],
      ['FEATHERS_MESH_LEFT', 30]
    ])
    expect(of(lines, 'NODE_LEFT')[0]).toMatchObject({
      node: idOf(other), key: 'todos', msg: expect.stringMatching(/^feathers-mesh: node .+ has left \(goodbye\)$/)
    })
  })

  it('tells pino all that a node without it tells the process', async () => {
    const { logger, lines } = pinoLogger('warn')
    const app = feathers()
    app.use('notes', { find: async () => [], allow: 7 } as never, { distributedMethods: 7 } as never)
    app.use('a//b', { find: async () => [] })
    const node = mesh.node({
      app, logger, services: ['notes', 'nothing'], remoteServices: () => { throw new Error('no') }
    })
    await app.setup()
    await mesh.start({ services: [TodoService] })
    await until(() => of(lines, 'FUNCTION').length > 0)
    await node.stop()
    const found = new Set(lines.map(({ code }) => code.slice('FEATHERS_MESH_'.length)))
    expect([...found].sort()).toEqual(expect.arrayContaining(['FUNCTION', 'NOT_OFFERED', 'SERVICE_OPTIONS']))
    expect(of(lines, 'FUNCTION')).toEqual([expect.objectContaining({ level: 50, option: 'remoteServices' })])
    expect(of(lines, 'SERVICE_OPTIONS')).toEqual([expect.objectContaining({ level: 40, path: 'notes' })])
    expect(told).toEqual([])
  })

  it('tells pino under the id of its request why a client failed', async () => {
    const { logger, lines } = pinoLogger()
    const app = feathers()
    const node = mesh.node({ app, logger, remotes: ['todos'], waitForService: false })
    await app.setup()
    const params = { provider: 'rest', headers: { 'x-request-id': 'r-1' } }
    await expect(app.service('todos').get('none', params)).rejects.toThrow()
    expect(of(lines, 'FAILURE')).toEqual([
      expect.objectContaining({ level: 50, path: 'todos', method: 'get', requestId: 'r-1' })
    ])
    await node.stop()
    expect(told).toEqual([])
  })

  it('is what the plugin takes as well', async () => {
    const { logger, lines } = pinoLogger('info')
    const app = feathers()
    app.configure(distribution({ logger, transport: mesh.transport(), coteDelay: -1 }))
    await initialize(app)
    await finalize(app)
    expect(lines.map(({ code }) => code)).toEqual(['FEATHERS_MESH_JOINED', 'FEATHERS_MESH_LEFT'])
  })
})

describe('a node on real sockets with a logger', () => {
  let network: CoteMesh

  beforeEach(() => { network = new CoteMesh() })
  afterEach(async () => { await network.end() })

  it('tells it of strangers and of secrets that it keeps, and reveals none', async () => {
    const { logger, lines } = pinoLogger('warn')
    let secret: unknown = SECRET
    const node = await network.host({ logger, secret: () => secret as string })
    await network.node({ secret: 'what a stranger believes to be it' })
    const refused = await until(() => of(lines, 'REFUSED')[0])
    expect(refused).toMatchObject({ level: 40, reason: expect.any(String), address: expect.stringContaining('127.') })
    secret = 'too short'
    const kept = await until(() => of(lines, 'CREDENTIALS_KEPT')[0])
    expect(kept).toMatchObject({ level: 50, option: 'secret' })
    await node.stop()
    expect(JSON.stringify(lines)).not.toMatch(/what (the nodes|a stranger)|too short/)
  })

  it('tells it in the place of standard output what cote tells there', async () => {
    const { logger, lines } = pinoLogger('info')
    const output = jest.spyOn(console, 'log').mockImplementation(() => {})
    await network.host({ logger, cote: { log: true } })
    await network.host()
    await until(() => of(lines, 'STATUS').length > 0)
    expect(of(lines, 'STATUS')[0]?.msg).toMatch(/> service\.online /)
    expect(output).not.toHaveBeenCalled()
  })
})

describe('a node with console as its logger', () => {
  it('writes what it tells there, by level', async () => {
    const info = jest.spyOn(console, 'info').mockImplementation(() => {})
    const warn = jest.spyOn(console, 'warn').mockImplementation(() => {})
    const node = await mesh.start({ logger: console, services: ['nothing'] })
    await node.stop()
    expect(info.mock.calls).toEqual([
      [{ code: 'FEATHERS_MESH_JOINED', key: 'default' }, expect.stringContaining('has joined the mesh')],
      [{ code: 'FEATHERS_MESH_LEFT' }, expect.stringContaining('has left the mesh')]
    ])
    expect(warn.mock.calls).toEqual([
      [
        { code: 'FEATHERS_MESH_NOT_OFFERED', path: 'nothing', option: 'services' },
        expect.stringContaining("names 'nothing'")
      ]
    ])
  })
})

describe('a logger that fails', () => {
  it('does not keep a node from joining, serving and leaving', async () => {
    const logger: Logger = {
      error: () => { throw new Error('no') }, warn: () => { throw new Error('no') },
      info: async () => { throw new Error('no') }, debug: () => { throw new Error('no') }
    }
    const host = await mesh.start({ logger, services: [TodoService, 'nothing'] })
    const caller = await mesh.start({ remotes: [TodoService] })
    await expect(caller.remote(TodoService).create({ title: 'Buy milk' })).resolves.toMatchObject({ title: 'Buy milk' })
    await host.stop()
    expect(told.filter(line => line.includes('the logger of this node fails'))).toHaveLength(1)
    expect(told).toContainEqual(expect.stringContaining("names 'nothing'"))
  })
})

describe('what is no logger', () => {
  const unreadable = new Proxy({}, { get () { throw new Error('no') } })

  it.each<[string, unknown]>([
    ['a text', 'pino'], ['true', true], ['a function', () => {}],
    ['an object without debug', { error () {}, warn () {}, info () {} }],
    ['a logger with a level that is no function', { error () {}, warn () {}, info () {}, debug: true }],
    ['a Proxy that throws', unreadable]
  ])('is refused when it is %s', (_what, logger) => {
    const options = { logger: logger as Logger }
    expect(() => DistributedModule.forRoot(options)).toThrow(ConfigurationError)
    expect(() => feathers().configure(distribution(options))).toThrow(ConfigurationError)
    expect(() => DistributedModule.forRoot(options)).toThrow(/option 'logger'/)
  })
})
