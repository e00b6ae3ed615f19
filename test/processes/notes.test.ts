import { io, type Socket } from 'socket.io-client'
import type { ServiceInfo } from '../../lib/module/distributed-module'
import { TestProcesses, type TestProcess } from '../process'
import { atMost } from '../until'

const processes = new TestProcesses()

async function start (program: string, env: NodeJS.ProcessEnv = {}): Promise<TestProcess> {
  const started = await processes.run(program, env)
  await started.ask('start')
  return started
}

/** Waits until a caller knows this number of hosts of the notes. */
async function meets (caller: TestProcess, hosts: number): Promise<void> {
  await caller.until(`${hosts} hosts`, async () => {
    const [notes] = await caller.ask<ServiceInfo[]>('services')
    return notes?.nodes.length === hosts
  })
}

const bad = { text: '', author: {} }

/** What every client sees of the error of bad data. */
const refusal = {
  name: 'BadRequest',
  message: 'notes.create(): text must be longer than or equal to 1 characters; name must be a string',
  code: 400,
  className: 'bad-request',
  data: { code: 'MESH_INVALID' },
  errors: [
    { path: 'text', constraints: { isLength: 'text must be longer than or equal to 1 characters' } },
    { path: 'author.name', constraints: { isString: 'name must be a string' } }
  ]
}

describe('arguments of a call', () => {
  const sockets: Socket[] = []

  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.disconnect()
  })

  async function connect (url: string): Promise<(...args: unknown[]) => Promise<unknown>> {
    const socket = io(url, { transports: ['websocket'], reconnection: false })
    sockets.push(socket)
    await new Promise<void>((resolve, reject) => { socket.once('connect', resolve).once('connect_error', reject) })
    return async (...args) => await atMost(10_000, new Promise(resolve => {
      socket.emit(args[0] as string, 'notes', ...args.slice(1), (error: unknown) => resolve(error))
    }), () => 'the gateway did not answer')
  }

  it('are refused with the same error over REST, socket.io and the mesh, and by the caller itself', async () => {
    await start('notes-host')
    const gateway = await processes.run('express-gateway')
    const url = `http://127.0.0.1:${await gateway.ask<number>('listen')}`
    await gateway.hears('service')
    const socket = await connect(url)
    const caller = await start('notes-caller')
    const checking = await start('notes-caller', { CHECKS: 'yes' })

    const rest = async (method: string, path: string, body?: object): Promise<unknown> => {
      const headers = { accept: 'application/json', 'content-type': 'application/json' }
      const response = await fetch(`${url}/notes${path}`, { method, headers, body: body && JSON.stringify(body) })
      expect(response.status).toBe(400)
      return await response.json()
    }
    const mesh = async (from: TestProcess, method: string, ...args: unknown[]): Promise<unknown> => {
      const outcome = await from.try('call', { method, args })
      return 'error' in outcome ? outcome.error : outcome
    }

    const ofCreate = [
      await rest('POST', '', bad), await socket('create', bad, {}),
      await mesh(caller, 'create', bad), await mesh(checking, 'create', bad)
    ]
    for (const error of ofCreate) expect(error).toEqual(refusal)

    const ofGet = [
      await rest('GET', '/seven'), await socket('get', 'seven', {}),
      await mesh(caller, 'get', 'seven'), await mesh(checking, 'get', 'seven')
    ]
    const id = { path: 'id', constraints: { isNumber: 'id must be a number' } }
    const ofId = { ...refusal, message: 'notes.get(): id must be a number', errors: [id] }
    for (const error of ofGet) expect(error).toEqual(ofId)

    const query = { limit: '11' }
    const ofFind = [
      await rest('GET', '?limit=11'), await socket('find', query),
      await mesh(caller, 'find', { query }), await mesh(checking, 'find', { query })
    ]
    const limit = { path: 'query.limit', constraints: { max: 'limit must not be greater than 10' } }
    const message = 'notes.find(): limit must not be greater than 10'
    for (const error of ofFind) expect(error).toEqual({ ...refusal, message, errors: [limit] })
  })

  it('are accepted when they can be converted, like the id and the query of a REST request', async () => {
    await start('notes-host')
    const gateway = await processes.run('express-gateway')
    const url = `http://127.0.0.1:${await gateway.ask<number>('listen')}/notes`
    await gateway.hears('service')
    expect(await (await fetch(`${url}/7`)).json()).toEqual({ id: 7, text: 'number' })
    expect(await (await fetch(`${url}?limit=5`)).json()).toEqual([{ id: 1, text: 'limit number' }])
  })
})

describe('a caller in another process that has the class of the service', () => {
  it('receives instances as results and payloads, and the host as data, including dates, bytes and maps', async () => {
    await start('notes-host')
    const caller = await start('notes-caller')
    const values = { author: 'Author', due: 'Date', scan: 'Buffer', tags: 'Map' }
    const atHost = JSON.stringify({ itself: 'CreateNote', ...values })
    const expected = { itself: 'Note', ...values, title: `#1 ${atHost}`, isNote: true }
    expect(await caller.ask('create')).toEqual(expected)
    expect(await caller.hears('written')).toEqual([expected])
    expect(await caller.ask('find')).toEqual([{ itself: 'Note', title: '#1 limit number', isNote: true }])
  })

  it('warns when a replica of another version joins', async () => {
    const next = await start('notes-host', { VERSION: '2.0.0' })
    const caller = await start('notes-caller')
    const said = await caller.until('the warning', () => /ContractWarning: (.*)/.exec(caller.printed)?.[1])
    expect(said).toBe(`'notes' on node ${await next.ask<string>('title')} is not what NotesService of this node says: ` +
      'it is version 2.0.0, not 1.0.0; the data of create() has another shape; ' +
      'this node calls it anyway; strictContracts: true would prevent that')
    expect(await caller.ask('call', { method: 'version', args: [] })).toBe('2.0.0')
  })

  it('calls only replicas of its own version during an upgrade with strictContracts', async () => {
    const next = await start('notes-host', { VERSION: '2.0.0' })
    const own = await start('notes-host')
    const caller = await start('notes-caller', { STRICT: 'yes' })
    await meets(caller, 2)
    for (let n = 0; n < 4; n++) expect(await caller.ask('call', { method: 'version', args: [] })).toBe('1.0.0')

    await own.stop()
    await meets(caller, 1)
    const refused = await caller.try('call', { method: 'version', args: [] })
    expect(refused).toMatchObject({
      error: {
        name: 'Unavailable',
        // Meshes of other programs that are heard on this machine are told behind it.
        message: expect.stringContaining(
          `notes.version(): strictContracts keeps out node ${await next.ask<string>('title')} ` +
          '(it is version 2.0.0, not 1.0.0; the data of create() has another shape)')
      }
    })

    await start('notes-host')
    await meets(caller, 2)
    expect(await caller.ask('call', { method: 'version', args: [] })).toBe('1.0.0')
  })
})
