import type { Socket } from 'socket.io-client'
import { atMost, until } from '../until'
import { open, type Framework, type Site, type Spread } from './arrangements'
import { CAUSES, REST, SOCKET, type RestRequest, type SocketCall } from './requests'

/** Headers with the time of a reply or the lifetime of its connection. */
const NOT_COMPARED = ['date', 'connection', 'keep-alive']

/** What an error says beside itself. */
const OF_ERRORS = ['stack', 'hook']

const withoutStack = (_key: string, value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).filter(([key]) => !OF_ERRORS.includes(key)))
    : value

/** The text of a body as it came; of an error without its stack, whose length is that of its paths. */
async function ask (url: string, { method, path, headers, body }: RestRequest): Promise<unknown> {
  const isText = typeof body === 'string' || Buffer.isBuffer(body)
  const response = await fetch(`${url}/${path}`, {
    method,
    redirect: 'manual',
    headers: { accept: 'application/json', ...isText ? {} : { 'content-type': 'application/json' }, ...headers },
    body: isText ? body as string : JSON.stringify(body)
  })
  const text = await response.text()
  const said = [...response.headers].filter(([name]) => !NOT_COMPARED.includes(name))
  if (response.status < 400) return { status: response.status, headers: said, text }
  const told = said.filter(([name]) => !['content-length', 'etag'].includes(name))
  const bare = text.startsWith('{') ? JSON.stringify(JSON.parse(text, withoutStack)) : text
  return { status: response.status, headers: told, text: bare }
}

async function call (socket: Socket, [method, ...args]: SocketCall): Promise<unknown> {
  const answer = new Promise<unknown>(resolve => {
    socket.emit(method, ...args, (error: unknown, value: unknown) => {
      resolve({ value, error: error === null ? null : JSON.parse(JSON.stringify(error), withoutStack) as unknown })
    })
  })
  return await atMost(10_000, answer, () => `'${method}' was not answered`)
}

/** What the calls give, and the events of each service in their order: those of hosts may overtake each other. */
async function eventsOf ({ socket }: Site): Promise<{ answers: unknown[], heard: Record<string, unknown[]> }> {
  const heard: Record<string, unknown[]> = {}
  const hear = (event: string, payload: unknown): void => { (heard[event.split(' ')[0]] ??= []).push([event, payload]) }
  socket.onAny(hear)
  const answers: unknown[] = []
  for (const cause of CAUSES) answers.push(await call(socket, cause))
  await until('the last event of each service', () =>
    ['notes', 'people', 'messages'].every(service => /last/i.test(JSON.stringify(heard[service]?.at(-1)) ?? '')))
  socket.offAny(hear)
  return { answers, heard }
}

describe.each<Framework>(['express', 'koa'])('the clients of an app on %s', framework => {
  let one: Site
  beforeAll(async () => { one = await open(framework, 'one app') })
  afterAll(async () => await one.close())

  let expected: unknown[]
  let expectedCalls: unknown[]
  let expectedEvents: unknown
  beforeAll(async () => {
    expected = []
    for (const request of REST) expected.push(await ask(one.url, request))
    expectedCalls = []
    for (const each of SOCKET) expectedCalls.push(await call(one.socket, each))
    expectedEvents = await eventsOf(one)
  }, 60_000)

  it('receive nothing that the app hides when it is a single app', () => {
    const hiding = expected.filter((_, index) => !REST[index].path.startsWith('threads'))
    expect(JSON.stringify([hiding, expectedEvents])).not.toContain('SECRET')
  })

  describe.each<Exclude<Spread, 'one app'>>([
    'a gateway and a host', 'a gateway and two hosts'
  ])('split into %s', spread => {
    let site: Site
    beforeAll(async () => { site = await open(framework, spread) }, 60_000)
    afterAll(async () => await site.close())

    it.each(REST.map((request, index) => [index, request.method, request.path, request.body] as const))(
      'receive the reply of a single app to REST request %i, %s %s %j', async index => {
        expect(await ask(site.url, REST[index])).toEqual(expected[index])
      })

    it.each(SOCKET.map((each, index) => [index, ...each] as const))(
      'receive the reply of a single app to socket call %i, %s %s %j', async index => {
        expect(await call(site.socket, SOCKET[index])).toEqual(expectedCalls[index])
      })

    it('receive the socket events of a single app', async () => {
      expect(await eventsOf(site)).toEqual(expectedEvents)
    })
  })
})
