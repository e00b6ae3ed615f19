import { DistributedModule } from 'feathers-mesh'
import type { RemoteService } from 'feathers-mesh'
import type { Note, NoteService } from '../../samples/auth-gateway/note-service'
import { until } from '../until'
import { RestClient, SocketClient, inSeconds, makeToken, signIn } from './clients'
import { SampleProcess } from './sample-process'

type Whoami = Awaited<ReturnType<NoteService['whoami']>>

jest.setTimeout(30_000)

describe('the auth-gateway sample', () => {
  const secret = 'known to this test and to the gateway'
  const environment = `auth-gateway-test-${process.pid}`
  const sockets: SocketClient[] = []
  let sample: SampleProcess
  let url: string
  let anybody: RestClient
  let ada: RestClient
  let adasToken: string

  beforeAll(async () => {
    sample = new SampleProcess('auth-gateway', { PORT: '0', AUTH_SECRET: secret, COTE_ENV: environment })
    url = await sample.url()
    anybody = new RestClient(url)
    adasToken = await signIn(url, 'ada@example.com', 'engine')
    ada = new RestClient(url, adasToken)
  })
  afterEach(() => { for (const socket of sockets.splice(0)) socket.close() })
  afterAll(() => sample.end())

  async function connect (): Promise<SocketClient> {
    const socket = await SocketClient.connect(url)
    sockets.push(socket)
    return socket
  }

  it('prints commands to try, with a user who can sign in', () => {
    expect(sample.output).toContain(`curl ${url}/notes\n`)
    expect(sample.output).toContain('"email":"ada@example.com","password":"engine"')
  })

  describe('over REST', () => {
    it('refuses every request of a client without a token', async () => {
      expect(await anybody.get('/notes')).toMatchObject({ status: 401, body: { name: 'NotAuthenticated' } })
      expect((await anybody.post('/notes', { text: 'Let me in' })).status).toBe(401)
      expect((await anybody.call('/notes', 'whoami')).status).toBe(401)
      expect((await anybody.get('/users')).status).toBe(401)
    })

    it('serves a client with a token', async () => {
      expect(await ada.post('/notes', { text: 'By REST' }))
        .toMatchObject({ status: 201, body: { text: 'By REST', author: 'ada@example.com' } })
      expect((await ada.get<Note[]>('/notes')).body.map(({ text }) => text)).toContain('By REST')
    })

    it('issues no token for a wrong password or an unknown user', async () => {
      for (const [email, password] of [['ada@example.com', 'wrong'], ['nobody@example.com', 'engine']]) {
        expect(await anybody.post('/authentication', { strategy: 'local', email, password }))
          .toMatchObject({ status: 401, body: { message: 'Invalid login' } })
      }
    })

    it.each([
      ['has expired', makeToken(secret, { exp: inSeconds(-10) })],
      ['was signed with another secret', makeToken('guessed')],
      ['is not signed', makeToken(secret, {}, { alg: 'none' }).replace(/[^.]*$/, '')],
      ['has another audience', makeToken(secret, { aud: 'others' })],
      ['names a user who does not exist', makeToken(secret, { sub: '99' })],
      ['is not a JWT', 'token']
    ])('refuses a token that %s', async (_fault, token) => {
      const { status } = await new RestClient(url, token).get('/notes')
      expect(status).toBeGreaterThanOrEqual(401)
      expect(status).toBeLessThan(405)
    })

    it('never shows a password and lets nobody sign up', async () => {
      expect((await ada.get<object[]>('/users')).body).toEqual([
        { id: 1, email: 'ada@example.com' }, { id: 2, email: 'grace@example.com' }
      ])
      expect(await ada.post('/users', { email: 'eve@example.com', password: 'x' })).toMatchObject({ status: 405 })
    })

    it('accepts a token that was made with its secret', async () => {
      expect((await new RestClient(url, makeToken(secret, { sub: '2' })).call('/notes', 'whoami')).body)
        .toMatchObject({ user: { email: 'grace@example.com' } })
    })
  })

  describe('behind the gateway', () => {
    let mesh: DistributedModule
    let notes: RemoteService<NoteService>

    beforeAll(async () => {
      mesh = DistributedModule.forRoot({ cote: { environment }, remotes: ['notes'] })
      await mesh.start()
      notes = mesh.remote<NoteService>('notes')
    })
    afterAll(() => mesh.stop())

    it("passes the caller's user to the service, without token or password", async () => {
      const { body } = await ada.call<Whoami>('/notes', 'whoami')
      expect(body.user).toEqual({ id: 1, email: 'ada@example.com' })
      expect(body.params).toEqual(expect.arrayContaining(['fromRemote', 'query', 'user']))
      for (const kept of ['authentication', 'headers', 'authenticated']) expect(body.params).not.toContain(kept)
    })

    it('does not authenticate in the service, so that any node may call it', async () => {
      expect((await notes.whoami({})).user).toBeUndefined()
    })

    it('has no users and no tokens on the mesh', () => {
      expect(mesh.services().map(({ path }) => path)).toEqual(['notes'])
    })
  })

  describe('over socket.io', () => {
    it('refuses a client that has not signed in', async () => {
      const socket = await connect()
      await expect(socket.call('find', 'notes', {})).rejects.toMatchObject({ name: 'NotAuthenticated', code: 401 })
      await expect(socket.call('whoami', 'notes', {}, {})).rejects.toMatchObject({ code: 401 })
    })

    it('refuses a wrong password and a forged token', async () => {
      const socket = await connect()
      const wrong = { strategy: 'local', email: 'ada@example.com', password: 'wrong' }
      await expect(socket.call('create', 'authentication', wrong, {})).rejects.toMatchObject({ code: 401 })
      await expect(socket.signIn(makeToken('guessed'))).rejects.toMatchObject({ code: 401 })
      await expect(socket.call('find', 'notes', {})).rejects.toMatchObject({ code: 401 })
    })

    it('serves a client that signed in with a password or a token until it signs out', async () => {
      const [byPassword, byToken] = [await connect(), await connect()]
      const credentials = { strategy: 'local', email: 'grace@example.com', password: 'compiler' }
      await byPassword.call('create', 'authentication', credentials, {})
      await byToken.signIn(adasToken)
      expect(await byPassword.call('whoami', 'notes', {}, {}))
        .toMatchObject({ user: { id: 2, email: 'grace@example.com' } })
      expect(await byToken.call('create', 'notes', { text: 'By socket' }, {}))
        .toMatchObject({ author: 'ada@example.com' })

      await byToken.call('remove', 'authentication', null, {})
      await expect(byToken.call('find', 'notes', {})).rejects.toMatchObject({ code: 401 })
    })

    it('sends events only to clients that are signed in', async () => {
      const [signedIn, stranger, gone] = [await connect(), await connect(), await connect()]
      await signedIn.signIn(adasToken)
      await gone.signIn(adasToken)
      await gone.call('remove', 'authentication', null, {})

      await ada.post('/notes', { text: 'For members' })
      await until('the event', () => signedIn.heard.includes('For members'))
      await stranger.signIn(adasToken)
      await ada.post('/notes', { text: 'For the new member, too' })
      await until('the event', () => stranger.heard.includes('For the new member, too'))
      // What was sent to a socket before an answer has arrived with the answer.
      await expect(gone.call('find', 'notes', {})).rejects.toMatchObject({ code: 401 })

      expect(signedIn.heard).toEqual(['For members', 'For the new member, too'])
      expect(stranger.heard).toEqual(['For the new member, too'])
      expect(gone.heard).toEqual([])
    })

    it('disconnects a client when its token expires', async () => {
      const [member, expiring] = [await connect(), await connect()]
      await member.signIn(adasToken)
      await expiring.signIn(makeToken(secret, { exp: inSeconds(1) }))
      await until('the token to expire', () => !expiring.isConnected)
      expect(member.isConnected).toBe(true)
    })
  })

  it('generates a new secret at each start when none is configured', async () => {
    const env = { PORT: '0', AUTH_SECRET: '', COTE_ENV: `${environment}-2` }
    const second = new SampleProcess('auth-gateway', env)
    try {
      const other = await second.url()
      const own = await signIn(other, 'ada@example.com', 'engine')
      expect((await new RestClient(other, own).get('/notes')).status).toBe(200)
      expect((await new RestClient(other, adasToken).get('/notes')).status).toBe(401)
    } finally {
      await second.end()
    }
  })
})
