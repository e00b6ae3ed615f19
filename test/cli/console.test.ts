import { once } from 'node:events'
import { request as httpRequest } from 'node:http'
import { connect } from 'node:net'
import { feathers } from '@feathersjs/feathers'
import { DistributedModule } from 'feathers-mesh'
import { isFromHere } from '../../lib/cli/console/guard'
import { run } from '../../lib/cli/run'
import { until } from '../until'

const PLACE = { environment: `console-${process.pid}`, discovery: 'broadcast://127.255.255.255' }
const ARGS = Object.entries(PLACE).flatMap(([name, value]) => [`--${name}`, value])

/** A console that runs. */
class OpenConsole {
  private readonly ended = new AbortController()
  private out = ''
  private readonly running: Promise<number>

  constructor (...args: string[]) {
    this.running = run({
      args: ['console', '--json', ...args, ...ARGS],
      variables: {},
      signal: this.ended.signal,
      load: async () => ({}),
      out: text => { this.out += text },
      err: text => { this.out += text }
    })
  }

  async url (): Promise<URL> {
    return await until('the console', () => {
      return this.out === '' ? undefined : new URL((JSON.parse(this.out) as { url: string }).url)
    })
  }

  async end (): Promise<number> {
    this.ended.abort()
    return await this.running
  }
}

interface Asked {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, unknown>>
  readonly text: string
}

/** Not fetch: it lets nobody choose the header Host. */
async function ask (url: URL, path: string, { method = 'GET', headers = {}, body }: Asked = {}): Promise<Answer> {
  return await new Promise((resolve, reject) => {
    const asked = httpRequest({ host: url.hostname, port: url.port, path, method, headers }, response => {
      let text = ''
      response.on('data', (chunk: Buffer) => { text += String(chunk) })
      response.on('end', () => { resolve({ status: response.statusCode ?? 0, headers: response.headers, text }) })
    })
    asked.on('error', reject)
    asked.end(body)
  })
}

const withToken = ({ hash }: URL): { authorization: string } => ({ authorization: `Bearer ${hash.slice(1)}` })

let node: DistributedModule
let consoles: OpenConsole[] = []

function open (...args: string[]): OpenConsole {
  const opened = new OpenConsole(...args)
  consoles.push(opened)
  return opened
}

beforeAll(async () => {
  const app = feathers()
  app.use('todos', {
    async get (id: string) { return { id, big: 7n } },
    async create () { throw new Error('full') }
  }, { methods: ['get', 'create'] })
  node = DistributedModule.forRoot({ app, name: 'todo-host', ...PLACE, cote: { helloInterval: 200 } })
  await node.start()
})

afterEach(async () => {
  const opened = consoles
  consoles = []
  await Promise.all(opened.map(async each => await each.end()))
})

afterAll(async () => { await node.stop() })

describe('the page of the console', () => {
  it('is served to this machine, may load nothing else, and holds no inline script', async () => {
    const url = await open().url()
    expect(url.hostname).toBe('127.0.0.1')
    const { status, headers, text } = await ask(url, '/')
    expect([status, text.match(/<script(?![^>]* src=)|<[^>]* on\w+=|<style/g)]).toEqual([200, null])
    expect(headers['content-security-policy'])
      .toMatch(/^default-src 'none'; script-src 'self'; .*frame-ancestors 'none'/)
    expect(headers).not.toHaveProperty('access-control-allow-origin')
    for (const [, file] of text.matchAll(/(?:src|href)="([\w.-]+)"/g)) {
      expect((await ask(url, `/${file}`)).status).toBe(200)
    }
  })

  it('closes connections beyond 64 at a time, and takes others when those have ended', async () => {
    const url = await open().url()
    const dial = (): ReturnType<typeof connect> => connect(Number(url.port), url.hostname).on('error', () => {})
    const sockets = Array.from({ length: 64 }, dial)
    await Promise.all(sockets.map(async socket => await once(socket, 'connect')))
    await once(dial().resume(), 'close')
    expect(sockets.filter(({ readyState }) => readyState !== 'open')).toEqual([])
    for (const socket of sockets) socket.destroy()
    await until('an answer', async () => await ask(url, '/').then(({ status }) => status === 200, () => false))
  })

  it('is refused to other names of this machine, and to pages of others', async () => {
    const url = await open().url()
    const asked: Array<Record<string, string>> = [
      { host: 'evil.example' }, { host: `evil.example:${url.port}` }, { origin: 'http://evil.example' },
      { origin: 'null' }
    ]
    for (const headers of asked) expect((await ask(url, '/', { headers })).status).toBe(403)
    expect((await ask(url, '/', { headers: { host: `localhost:${url.port}` } })).status).toBe(200)
  })

  it('is served at the port of the scheme, which browsers leave out', () => {
    const served = (headers: Record<string, string>, port: number): boolean =>
      isFromHere({ headers }, { port, token: '' })
    expect(served({ host: '127.0.0.1', origin: 'http://127.0.0.1' }, 80)).toBe(true)
    expect([served({ host: 'localhost' }, 81), served({ host: 'evil.example' }, 80)]).toEqual([false, false])
  })

  it('is made of files that nobody can leave', async () => {
    const url = await open().url()
    for (const path of ['/../package.json', '/%2e%2e/package.json', '//etc/passwd', '/package.json']) {
      expect((await ask(url, path, { headers: withToken(url) })).status).toBe(404)
    }
  })
})

describe('the stream of the console', () => {
  it('needs the token, in a header of the page itself', async () => {
    const url = await open().url()
    const token = withToken(url)
    const wrong: Array<Record<string, string>> = [
      {}, { authorization: 'Bearer x' }, { ...token, 'sec-fetch-site': 'cross-site' }
    ]
    for (const headers of wrong) expect((await ask(url, '/api/stream', { headers })).status).toBe(401)
    expect((await ask(url, `/api/stream?token=${url.hash.slice(1)}`)).status).toBe(401)
  })

  it('tells the nodes, their services, and what passes, to at most 8 pages', async () => {
    const url = await open().url()
    const ends = Array.from({ length: 8 }, () => new AbortController())
    const pages = await Promise.all(ends.map(async ({ signal }) =>
      await fetch(new URL('/api/stream', url), { headers: withToken(url), signal })))
    expect(pages.map(({ status }) => status)).toEqual(Array(8).fill(200))
    expect((await ask(url, '/api/stream', { headers: withToken(url) })).status).toBe(503)
    let told = ''
    const reading = (async () => {
      for await (const chunk of pages[0]?.body ?? []) told += Buffer.from(chunk).toString()
    })().catch(() => {})
    await until('a node that answers', () => /^event: picture\ndata: .*"name":"todo-host".*"answers"/m.test(told))
    expect(told).toMatch(/^event: services\ndata: .*"path":"todos"/m)
    await until('the tap', () => node.inspect().taps > 0)
    node.app.service('todos').emit('created', { id: 1 })
    await until('the event', () => /^event: records\ndata: .*"side":"sent".*"by":"todo-host"/m.test(told))
    for (const end of ends) end.abort()
    await reading
    await until('the end of the tap', () => node.inspect().taps === 0)
  })
})

describe('a call of the console', () => {
  const body = JSON.stringify({ path: 'todos', method: 'get', id: '7' })

  it('is refused unless the command allows calls', async () => {
    const url = await open().url()
    const answer = await ask(url, '/api/call', { method: 'POST', headers: withToken(url), body })
    expect([answer.status, answer.text]).toEqual([403, expect.stringContaining('--allow-calls')])
  })

  it('gives the result, or the error, of the service', async () => {
    const url = await open('--allow-calls').url()
    const call = async (body: string, headers: Asked['headers'] = withToken(url)): Promise<Answer> =>
      await ask(url, '/api/call', { method: 'POST', headers, body })
    await until('the host', async () => (await call(body)).text.includes('"result"'))
    expect(JSON.parse((await call(body)).text)).toEqual({ result: { id: '7', big: '7' } })
    const failed = await call(JSON.stringify({ path: 'todos', method: 'create', data: {} }))
    expect(JSON.parse(failed.text)).toMatchObject({ error: { message: 'full' } })
    expect((await call('{"path":"todos"}')).status).toBe(400)
    expect((await call('x')).status).toBe(400)
    const long = JSON.stringify({ path: 'todos', method: 'get', data: 'x'.repeat(1024 * 1024) })
    expect((await call(long)).status).toBe(400)
    expect((await call(body, {})).status).toBe(401)
  })
})

describe('feathers-mesh console', () => {
  it('ends in order, also while pages look', async () => {
    const opened = open()
    const url = await opened.url()
    const page = await fetch(new URL('/api/stream', url), { headers: withToken(url) })
    expect(await opened.end()).toBe(0)
    await expect(page.text()).rejects.toThrow()
  })

  it('tells that its port is taken', async () => {
    const { port } = await open().url()
    let told = ''
    const code = await run({
      args: ['console', '--port', port, ...ARGS],
      variables: {},
      signal: new AbortController().signal,
      load: async () => ({}),
      out: () => {},
      err: text => { told += text }
    })
    expect([code, told]).toEqual([2, expect.stringContaining('--port takes another port')])
  })
})
