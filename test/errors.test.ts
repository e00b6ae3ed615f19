import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Params } from '@feathersjs/feathers'
import { Conflict, Unavailable } from '@feathersjs/errors'
import { IsString } from 'class-validator'
import {
  Distributed, DistributedEvent, DistributedMethod, DistributedModule, MemoryNetwork, type DistributedModuleOptions,
  type DurableEvent, type MeshErrorCode, type RemoteService
} from 'feathers-mesh'
import type { Request } from 'feathers-mesh/transport'
import { MESH_ERROR_CODES } from '../lib/errors'
import { idOf } from './memory-mesh'
import { silentLogger } from './silent-logger'
import type { TodoService } from './todo-service'
import { rejection, until } from './until'

class Draft {
  @IsString() title!: string
}

/** A class that no result can be an instance of. */
class Sealed {
  set title (_title: string) { throw new Error('it is sealed') }
}

@Distributed('notes')
class NoteService {
  isWaiting = false
  signal: AbortSignal | undefined
  @DistributedEvent({ durable: true }) readonly kept!: DurableEvent<object>
  thrown: Error = new Conflict('taken', { code: 'MINE', outcome: 'theirs' })

  @DistributedMethod() async find (): Promise<unknown> { throw this.thrown }
  @DistributedMethod() async create (data: Draft): Promise<unknown> { return data }
  @DistributedMethod({ data: Object }) async keep (data: object): Promise<unknown> { return data }
  @DistributedMethod({ data: Object }) async leak (_data: object): Promise<unknown> { return { retry: () => {} } }
  @DistributedMethod({ data: Object }) async store (_data: object): Promise<void> {
    void this.kept.emit({ retry: () => {} })
  }

  @DistributedMethod({ data: Object, allow: [] }) async burn (_data: object): Promise<void> {}
  @DistributedMethod({ data: Object, result: Sealed }) async seal (_data: object): Promise<Sealed> {
    return { title: 'sealed' }
  }

  @DistributedMethod({ data: Object }) async wait (_data: object, params?: Params): Promise<void> {
    this.isWaiting = true
    this.signal = params?.signal
    // Also after its signal: an answer could come before the caller's own time is over.
    await new Promise(() => {})
  }
}

/** What an error shows of itself. */
interface Shown {
  readonly name: string
  readonly code?: unknown
  readonly data?: { readonly code?: unknown, readonly outcome?: unknown }
}

let network: MemoryNetwork
let nodes: DistributedModule[]

beforeEach(() => {
  network = new MemoryNetwork()
  nodes = []
})
afterEach(async () => { await Promise.all(nodes.map(async node => await node.stop())) })

async function start (options: DistributedModuleOptions): Promise<DistributedModule> {
  const node = DistributedModule.forRoot({
    transport: network.transport(), timeout: 5_000, drainTimeout: 20, retryDelay: 1, ...options
  })
  nodes.push(node)
  await node.start()
  return node
}

const startHost = async (options: DistributedModuleOptions = {}): Promise<DistributedModule> =>
  await start({ services: [NoteService], ...options })

/** The remote of a consumer on a mesh that has a host. */
async function remoteOf (options: DistributedModuleOptions = {}): Promise<RemoteService<NoteService>> {
  return (await start({ remotes: ['notes'], ...options })).remote(NoteService)
}

/** The same, with a host. */
async function notes (): Promise<RemoteService<NoteService>> {
  await startHost()
  return await remoteOf()
}

async function isServing (host: DistributedModule): Promise<void> {
  await until('the host serves a call', () => host.resolve(NoteService).isWaiting)
}

/** The error with which a host refuses a request, as nodes of feathers-distributed get it. */
async function refusal (request: Partial<Request>, options: DistributedModuleOptions = {}): Promise<unknown> {
  const host = await startHost(options)
  const transport = network.transport()
  await transport.start({
    id: 'stranger',
    key: 'default',
    contracts: () => [],
    serve: () => {},
    receive: () => {},
    joined: () => {},
    left: () => {}
  })
  const id = idOf(host)
  const ask = async (asked: Partial<Request>): Promise<unknown> => await new Promise((resolve, reject) => {
    const request = { path: 'notes', method: 'keep', key: 'default', ...asked }
    transport.request(id, request, { settle: resolve, fail: reject })
  })
  if (options.maxInFlight !== undefined) {
    for (let n = 0; n < options.maxInFlight; n++) void ask({ method: 'wait', data: {} }).catch(() => {})
    await isServing(host)
  }
  const { cause } = await rejection(ask(request))
  await transport.stop(0)
  return cause
}

/** One way to get each error, by calls over a mesh. */
const FAILURES: Readonly<Record<MeshErrorCode, () => Promise<unknown>>> = {
  MESH_UNAVAILABLE: async () => {
    const consumer = await start({})
    return await rejection(consumer.remote<TodoService>('todos').with({ waitForService: false }).find())
  },
  MESH_TOO_MANY_WAITING: async () => {
    const consumer = await start({ maxWaiting: 1 })
    const todos = consumer.remote<TodoService>('todos')
    const waiting = rejection(todos.find())
    const error = await rejection(todos.find())
    await consumer.stop()
    await waiting
    return error
  },
  MESH_NOT_SENT: async () => {
    const host = await startHost({ maxInFlight: 1 })
    const remote = await remoteOf()
    const served = rejection(remote.wait({}))
    await isServing(host)
    const error = await rejection(remote.with({ retries: 0 }).keep({}))
    network.kill(idOf(host))
    await served
    return error
  },
  MESH_CONNECTION_LOST: async () => {
    const host = await startHost()
    const error = rejection((await remoteOf()).wait({}))
    await isServing(host)
    network.kill(idOf(host))
    return await error
  },
  MESH_TIMEOUT: async () => await rejection((await notes()).with({ timeout: 20 }).wait({})),
  MESH_CANCELLED: async () => {
    const host = await startHost()
    const caller = new AbortController()
    const error = rejection((await remoteOf()).with({ signal: caller.signal }).wait({}))
    await isServing(host)
    caller.abort(new Error('of the caller'))
    await error
    const { signal } = host.resolve(NoteService)
    await until('the service is cancelled', () => signal?.aborted === true)
    return signal?.reason
  },
  MESH_FORBIDDEN: async () => await rejection((await notes()).burn({})),
  MESH_NOT_OFFERED: async () => {
    const remote = await notes() as unknown as RemoteService<{ publishAll (): Promise<void> }>
    return await rejection(remote.publishAll())
  },
  MESH_INVALID: async () => await rejection((await notes()).create({ title: 7 } as unknown as Draft)),
  MESH_UNSENDABLE: async () => await rejection((await notes()).keep({ retry: () => {} })),
  MESH_UNSENDABLE_RESULT: async () => await rejection((await notes()).leak({})),
  MESH_UNREADABLE_VALUE: async () => await rejection((await notes()).seal({})),
  MESH_BAD_ROUTING: async () => {
    await Promise.all([startHost(), startHost()])
    return await rejection((await remoteOf({ routing: () => 'nobody' })).keep({}))
  },
  MESH_NOT_HOSTED: async () => await refusal({ path: 'secrets' }),
  MESH_OVERLOADED: async () => await refusal({ data: {} }, { maxInFlight: 1 }),
  MESH_EVENT_NOT_STORED: async () => {
    await startHost({ logger: silentLogger })
    return await rejection((await remoteOf()).store({}))
  },
  MESH_CONFIGURATION: async () => {
    try {
      return DistributedModule.forRoot({ services: [class Undecorated {}] })
    } catch (error) {
      return error
    }
  }
}

/** The rows of the catalogue: code, class, status, outcome. */
const ROWS = readFileSync(join(__dirname, '../docs/errors.md'), 'utf8').split('\n')
  .filter(line => line.startsWith('| `MESH_'))
  .map(line => line.split('|').slice(1, -1).map(cell => cell.trim()))

describe('the catalogue of errors', () => {
  it('has each code once, and no other ones, in the order of the code', () => {
    const codes = ROWS.map(([code = '']) => code.replaceAll('`', ''))
    expect(codes).toEqual(MESH_ERROR_CODES)
  })

  it('says of each error when it happens and what to do about it', () => {
    for (const cells of ROWS) expect(cells.map(cell => cell !== '')).toEqual(Array(6).fill(true))
  })
})

describe('an error of the mesh', () => {
  it.each(MESH_ERROR_CODES)('has the code %s with the class, status and outcome of the catalogue', async code => {
    const { name, code: status, data } = await FAILURES[code]() as Shown
    expect(data).toMatchObject({ code })
    const [, className = '', listed, outcome = ''] = ROWS.find(([of]) => of === `\`${code}\``) ?? []
    expect(name === 'AbortError' ? 'DOMException' : name).toBe(className.replaceAll('`', ''))
    if (listed !== 'none') expect(String(status)).toBe(listed)
    if (data?.outcome === undefined) expect(outcome).toMatch(/^none/)
    else expect(outcome).toContain(`\`${String(data.outcome)}\``)
  })
})

describe('a ConfigurationError', () => {
  it('shows its faults where a test runner prints what the toJSON of an error returns', async () => {
    const error = await FAILURES.MESH_CONFIGURATION() as Error & { toJSON?: () => { readonly message: string } }
    expect(error.toJSON?.().message ?? error.message).toContain('Undecorated')
  })
})

describe('an error that a service throws', () => {
  it('arrives with its own data, to which the mesh adds no code', async () => {
    const error = await rejection<Conflict>((await notes()).find())
    expect(error).toMatchObject({ name: 'Conflict', message: 'taken' })
    expect(error.data).toEqual({ code: 'MINE', outcome: 'theirs' })
  })

  it('arrives with no data where it has none, also when it is of a class that the mesh uses', async () => {
    const host = await startHost()
    host.resolve(NoteService).thrown = new Unavailable('closed today')
    expect((await rejection<Unavailable>((await remoteOf()).find())).data).toBeUndefined()
  })
})
