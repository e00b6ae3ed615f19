import { DistributedModule } from 'feathers-mesh'
import type { RemoteService } from 'feathers-mesh'
import type { Caller, Note, NoteService } from '../../samples/auth-everywhere/note-service'
import type { Profile, UserService } from '../../samples/auth-everywhere/user-service'
import { until } from '../until'
import { RestClient, SocketClient, inSeconds, makeToken, signIn } from './clients'
import { SampleProcess } from './sample-process'

jest.setTimeout(30_000)

describe('the auth-everywhere sample', () => {
  const secret = 'known to this test and to the nodes'
  const environment = `auth-everywhere-test-${process.pid}`
  const adasUser = { id: 1, email: 'ada@example.com' }
  const sockets: SocketClient[] = []
  let sample: SampleProcess
  /** Where users and passwords are, and where the notes are. */
  let accounts: string
  let notes: string
  let token: string

  beforeAll(async () => {
    sample = new SampleProcess('auth-everywhere', { PORT: '0', AUTH_SECRET: secret, COTE_ENV: environment })
    const urls = await sample.urls(2)
    accounts = urls[0]
    notes = urls[1]
    token = await signIn(accounts, 'ada@example.com', 'engine')
  })
  afterEach(() => { for (const socket of sockets.splice(0)) socket.close() })
  afterAll(() => sample.end())

  async function connect (url: string): Promise<SocketClient> {
    const socket = await SocketClient.connect(url)
    sockets.push(socket)
    return socket
  }

  describe('over REST, on each node', () => {
    it('refuses a client without a token, for its own service and for that of the other node', async () => {
      for (const url of [accounts, notes]) {
        const anybody = new RestClient(url)
        expect(await anybody.get('/notes')).toMatchObject({ status: 401, body: { name: 'NotAuthenticated' } })
        expect((await anybody.post('/notes', { text: 'Let me in' })).status).toBe(401)
        expect((await anybody.get('/users/1')).status).toBe(401)
        expect((await anybody.call('/users', 'profile')).status).toBe(401)
      }
    })

    it('reports a missing token before it reports invalid data', async () => {
      for (const url of [accounts, notes]) {
        expect((await new RestClient(url).post('/notes', { text: '' })).status).toBe(401)
        expect((await new RestClient(url, token).post('/notes', { text: '' })).status).toBe(400)
      }
    })

    it('accepts a token that the other node issued', async () => {
      const written = await new RestClient(notes, token).post<Note>('/notes', { text: 'By REST' })
      expect(written).toMatchObject({ status: 201, body: { text: 'By REST', author: 'ada@example.com' } })
      for (const url of [accounts, notes]) {
        const found = await new RestClient(url, token).get<Note[]>('/notes')
        expect(found).toMatchObject({ status: 200 })
        expect(found.body).toContainEqual(written.body)
        expect((await new RestClient(url, token).get('/users/1')).body).toEqual(adasUser)
      }
    })

    it.each([
      ['has expired', makeToken(secret, { exp: inSeconds(-10) })],
      ['was signed with another secret', makeToken('guessed')],
      ['has another audience', makeToken(secret, { aud: 'others' })]
    ])('refuses a token that %s', async (_fault, wrong) => {
      for (const url of [accounts, notes]) {
        for (const path of ['/notes', '/users/1']) {
          expect((await new RestClient(url, wrong).get(path)).status).toBe(401)
        }
      }
    })

    it('issues no token for a wrong password, and none at all on the node without passwords', async () => {
      const credentials = { strategy: 'local', email: 'ada@example.com' }
      const wrong = { ...credentials, password: 'wrong' }
      expect((await new RestClient(accounts).post('/authentication', wrong)).status).toBe(401)
      const right = { ...credentials, password: 'engine' }
      expect((await new RestClient(notes).post('/authentication', right)).status).toBe(401)
    })

    it('shows no passwords', async () => {
      const signedIn = await new RestClient(accounts)
        .post('/authentication', { strategy: 'local', email: 'ada@example.com', password: 'engine' })
      expect(signedIn.body).toMatchObject({ user: adasUser })
      expect(JSON.stringify(signedIn.body)).not.toContain('password')
      expect((await new RestClient(accounts, token).get('/users')).status).toBe(405)
      expect((await new RestClient(notes, token).get('/users')).status).toBe(405)
    })
  })

  describe('across the mesh', () => {
    it('passes on the user and the token, and hooks can recognize calls from other nodes', async () => {
      const expected = { user: adasUser, authentication: true }
      expect((await new RestClient(notes, token).call<Caller>('/notes', 'whoami')).body)
        .toEqual({ ...expected, fromRemote: false })
      expect((await new RestClient(accounts, token).call<Caller>('/notes', 'whoami')).body)
        .toEqual({ ...expected, fromRemote: true })
    })

    it('lets a service call another one on behalf of its user and on its own behalf', async () => {
      const grace = await signIn(accounts, 'grace@example.com', 'compiler')
      const { body: written } = await new RestClient(notes, grace).post<Note>('/notes', { text: 'By Grace' })
      for (const url of [accounts, notes]) {
        const { body: all } = await new RestClient(url, token).get<Note[]>('/notes')
        expect((await new RestClient(url, grace).call<Profile>('/users', 'profile')).body)
          .toEqual({ user: { id: 2, email: 'grace@example.com' }, notes: [written], total: all.length })
      }
    })
  })

  describe('with another node on the mesh', () => {
    let mesh: DistributedModule
    let remoteNotes: RemoteService<NoteService>
    let remoteUsers: RemoteService<UserService>

    beforeAll(async () => {
      mesh = DistributedModule.forRoot({ cote: { environment }, remotes: ['notes', 'users'] })
      await mesh.start()
      remoteNotes = mesh.remote<NoteService>('notes')
      remoteUsers = mesh.remote<UserService>('users')
    })
    afterAll(() => mesh.stop())

    it('lets that node call on its own behalf what is open to nodes, and nothing else', async () => {
      expect(await remoteNotes.count({})).toEqual({ total: expect.any(Number) })
      expect(await remoteUsers.get(1)).toEqual(adasUser)
      await expect(remoteNotes.find({})).rejects.toMatchObject({ name: 'NotAuthenticated', code: 401 })
      await expect(remoteNotes.create({ text: 'Without a user' }, {})).rejects.toMatchObject({ code: 401 })
      await expect(remoteUsers.profile({}, {})).rejects.toMatchObject({ code: 401 })
    })

    it('lets that node call on behalf of a user with a token', async () => {
      const params = { authentication: { strategy: 'jwt', accessToken: token } }
      expect(await remoteNotes.whoami({}, params)).toEqual({ user: adasUser, authentication: true, fromRemote: true })
      expect(await remoteUsers.profile({}, params)).toMatchObject({ user: adasUser })
    })

    it('rejects what that node claims about users, authentication and fromRemote', async () => {
      const claimed = { user: { id: 2, email: 'grace@example.com' }, authenticated: true, fromRemote: false }
      await expect(remoteNotes.whoami({}, claimed)).rejects.toMatchObject({ code: 401 })
      const forged = { ...claimed, authentication: { strategy: 'jwt', accessToken: makeToken('guessed') } }
      await expect(remoteNotes.whoami({}, forged)).rejects.toMatchObject({ code: 401 })
      const another = { ...claimed, authentication: { strategy: 'jwt', accessToken: token } }
      expect(await remoteNotes.whoami({}, another)).toMatchObject({ user: adasUser, fromRemote: true })
    })

    it('shows that node no passwords and no tokens', async () => {
      expect(mesh.services().map(({ path }) => path).sort()).toEqual(['notes', 'users'])
      await expect(remoteUsers.find({ query: { email: 'ada@example.com' } })).rejects.toMatchObject({ code: 405 })
    })
  })

  describe('over socket.io, on each node', () => {
    it('refuses a client until it has signed in with a token of either node', async () => {
      for (const url of [accounts, notes]) {
        const socket = await connect(url)
        await expect(socket.call('whoami', 'notes', {}, {})).rejects.toMatchObject({ name: 'NotAuthenticated' })
        await expect(socket.signIn(makeToken('guessed'))).rejects.toMatchObject({ code: 401 })
        await expect(socket.call('find', 'notes', {})).rejects.toMatchObject({ code: 401 })
        await socket.signIn(token)
        expect(await socket.call('whoami', 'notes', {}, {}))
          .toEqual({ user: adasUser, authentication: true, fromRemote: url === accounts })
        expect(await socket.call('profile', 'users', {}, {})).toMatchObject({ user: adasUser })
      }
    })

    it('sends events only to clients that are signed in', async () => {
      for (const url of [accounts, notes]) {
        const [signedIn, stranger] = [await connect(url), await connect(url)]
        await signedIn.signIn(token)
        await new RestClient(notes, token).post('/notes', { text: 'For members' })
        await until('the event', () => signedIn.heard.includes('For members'))
        await stranger.signIn(token)
        await new RestClient(accounts, token).post('/notes', { text: 'For the new member, too' })
        await until('the event', () => stranger.heard.includes('For the new member, too'))
        expect(signedIn.heard).toEqual(['For members', 'For the new member, too'])
        expect(stranger.heard).toEqual(['For the new member, too'])
      }
    })
  })
})
