import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { nats, type NatsOptions } from 'feathers-mesh/nats'
import { ConformanceNode } from '../../../lib/testing/conformance-node'
import { Authority } from '../../security/authority'
import { until } from '../../until'
import { credentialsOfUser, nkeyOfUser } from './credentials'
import { hasNats, NatsServer } from './nats-server'

/** A server that wants something of its users, and what lets a node in. */
interface Case {
  readonly config: string
  readonly options: NatsOptions
  /** What does not. */
  readonly wrong: NatsOptions
}

const describeWithNats = hasNats ? describe : describe.skip

describeWithNats('a node on a NATS server that lets in users alone', () => {
  const nodes: ConformanceNode[] = []
  let folder: string
  let server: NatsServer | undefined

  beforeAll(() => { folder = mkdtempSync(join(tmpdir(), 'mesh-credentials-')) })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  afterEach(async () => {
    await Promise.all(nodes.splice(0).map(async ({ transport }) => await transport.stop(0)))
    await server?.stop()
  })

  function fileOf (name: string, contents: string): string {
    const file = join(folder, name)
    writeFileSync(file, contents)
    return file
  }

  async function start (id: string, options: NatsOptions): Promise<ConformanceNode> {
    const node = new ConformanceNode(id, nats(options).make({ environment: '' }))
    nodes.push(node)
    node.answer = call => call.reply(null, call.request.data)
    await node.transport.start(node)
    return node
  }

  const authority = Authority.make('nats')
  const ca = authority.ca.join('\n')
  // The client takes an address for localhost when it compares it with a certificate.
  const certificateOf = (): { readonly cert: string, readonly key: string } => {
    const { cert, key } = authority.issue({ names: 'DNS:localhost,IP:127.0.0.1' })
    return { cert: String(cert), key: String(key) }
  }

  function tlsOf (more = ''): string {
    const { cert, key } = certificateOf()
    const [certFile, keyFile, caFile] = [
      fileOf('server.pem', cert), fileOf('server.key', key), fileOf('ca.pem', ca)
    ]
    return `tls { cert_file: "${certFile}", key_file: "${keyFile}", ca_file: "${caFile}"${more} }`
  }

  const user = nkeyOfUser()
  const cases: ReadonlyArray<readonly [string, () => Case]> = [
    ['a user and a password', () => ({
      config: 'authorization { users: [{ user: mesh, password: "p@ss:word" }] }',
      options: { user: 'mesh', pass: 'p@ss:word' },
      wrong: { user: 'mesh', pass: 'guessed' }
    })],
    ['a token', () => ({
      config: 'authorization { token: "a token" }', options: { token: 'a token' }, wrong: { token: 'guessed' }
    })],
    ['an NKey', () => ({
      config: `authorization { users: [{ nkey: ${user.publicKey} }] }`,
      options: { nkey: user.seed },
      wrong: { nkey: nkeyOfUser().seed }
    })],
    ['a file of credentials', () => {
      const { config, creds } = credentialsOfUser()
      return {
        config, options: { creds: fileOf('mesh.creds', creds) }, wrong: { creds: credentialsOfUser().creds }
      }
    }],
    ['a certificate of its authority', () => ({
      config: tlsOf(', verify: true'), options: { tls: { ca, ...certificateOf() } }, wrong: { tls: { ca } }
    })],
    ['its word that the server is the right one', () => ({
      config: tlsOf(), options: { tls: { caFile: join(folder, 'ca.pem') } }, wrong: { tls: true }
    })]
  ]

  it.each(cases)('is let in with %s, and not without', async (_what, makeCase) => {
    const { config, options, wrong } = makeCase()
    server = await NatsServer.start(config)
    const servers = server.url
    const good = { servers, ...options }
    const [host, caller] = await Promise.all([start('host', good), start('caller', good)])
    await until('both to know each other', () => host.peers.has('caller') && caller.peers.has('host'))
    const { told } = caller.send('host', { data: 7 })
    expect(await until('a reply', () => told[0])).toMatchObject({ value: 7 })
    // It is refused, or waits for a server that it can trust.
    const stranger = await start('stranger', { servers, ...wrong }).catch((error: unknown) => error)
    if (stranger instanceof ConformanceNode) expect(stranger.peers.size).toBe(0)
    else expect(stranger).toBeInstanceOf(Error)
    expect([...host.peers.keys()]).toEqual(['caller'])
  })
})
