import { DistributedModule, type RemoteService } from 'feathers-mesh'
import { oddErrors, oddResults } from '../processes/odd-errors'
import { TestProcesses, type TestProcess } from '../process'
import { rejection, until } from '../until'
import { freePort } from '../free-port'
import { RawConnection } from './raw-connection'

const DISCOVERY_PORT = 20_000 + process.pid % 2_000
/** Far less than some of the errors have. */
const MAX_MESSAGE_SIZE = 100_000

interface Jobs {
  find (): Promise<string>
  get (id: unknown): Promise<unknown>
  patch (id: string, data: object): Promise<unknown>
  remove (id: string): Promise<unknown>
}

interface Failure extends Error {
  readonly data?: { readonly code?: string }
}

describe('a host whose service throws odd errors, and exits on any unhandled one', () => {
  const processes = new TestProcesses('all')
  let host: TestProcess
  let caller: DistributedModule
  let jobs: RemoteService<Jobs>
  let raw: RawConnection

  beforeAll(async () => {
    const port = await freePort()
    const cote = { port: DISCOVERY_PORT, environment: `odd-${process.pid}`, maxMessageSize: MAX_MESSAGE_SIZE }
    host = await processes.run('bounded-host', {
      HOST_OPTIONS: JSON.stringify({ cote: { ...cote, basePort: port } }), NODE_OPTIONS: '--unhandled-rejections=strict'
    })
    await host.ask('start')
    caller = DistributedModule.forRoot({ cote, remotes: ['jobs'], timeout: 30_000, drainTimeout: 1_000 })
    await caller.start()
    jobs = caller.app.service('jobs') as unknown as RemoteService<Jobs>
    raw = await RawConnection.to(port)
  })

  afterAll(async () => {
    raw?.socket.destroy()
    await host?.kill()
    await caller?.stop()
  })

  it.each(Object.keys(oddErrors))('answers a call with an error, and loses no other, when it throws %s', async name => {
    let hasEnded = false
    const end = (): void => { hasEnded = true }
    void jobs.get(name).then(end, end)
    // Objects arrive as they were thrown.
    const { message = '', data } = await rejection<Failure>(jobs.remove(name))
    expect(data?.code).not.toBe('MESH_TIMEOUT')
    expect(message.length).toBeLessThan(MAX_MESSAGE_SIZE)
    expect(await jobs.find()).toBe('found')
    expect(hasEnded).toBe(false)
    expect(caller.counters()).toMatchObject({ overlongMessage: 0, malformedFrame: 0 })
  })

  it.each(Object.keys(oddResults))('answers a call with an error when its result is %s', async name => {
    const { message } = await rejection(jobs.patch(name, {}))
    expect(message).toContain("jobs.patch(): the result can't be sent")
    expect(await jobs.find()).toBe('found')
  })

  it.each(Object.keys(oddErrors))('answers a caller that reads JSON with an error when it throws %s', async name => {
    raw.ask(name, { type: 'remove', path: 'jobs', id: name })
    const [error] = await until('the answer', () => raw.answer(name)) as [object]
    expect(error).toHaveProperty('name')
    expect(JSON.stringify(error).length).toBeLessThan(MAX_MESSAGE_SIZE)
    expect(raw.closed).toBe(false)
  })
})
