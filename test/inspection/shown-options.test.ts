import { DistributedModule, type DistributedModuleOptions } from 'feathers-mesh'
import { nats } from 'feathers-mesh/nats'
import { shownOptions } from '../../lib/inspection/shown-options'

describe('the options that a node tells others', () => {
  it('hold no secret, whatever it is called, and no credentials of a URL', () => {
    const options = {
      secret: 'a long secret text', discovery: ['redis://user:pass@redis:6379?password=x'], timeout: 7,
      cote: { redis: { password: 'x', token: 'x' }, port: 1 }, tls: { key: 'x' }
    }
    const shown = JSON.stringify(shownOptions(options))
    expect(shown).not.toMatch(/long secret|user|pass@|"x"|=x/)
    expect(shownOptions(options)).toMatchObject({ secret: '(hidden)', timeout: 7, cote: { port: 1 } })
  })

  it('name classes and functions, and say of objects only that they are there', () => {
    class Todos {}
    const shown = shownOptions({ services: [Todos, 'users'], logger: new Map(), routing: () => 1, none: undefined })
    expect(shown).toEqual({ services: ['(Todos)', 'users'], logger: '(an object)', routing: '(routing)' })
  })

  it('are plain data within bounds, also where options hold circles', () => {
    const circle: Record<string, unknown> = {}
    circle.again = circle
    const wide = Object.fromEntries(Array.from({ length: 200 }, (_, n) => [`n${n}`, n]))
    const shown = shownOptions({ hooks: circle, validation: wide })
    expect(JSON.stringify(shown).length).toBeLessThan(1_000)
  })

  it('are those that the program gave', () => {
    const mesh = DistributedModule.forRoot({ secret: 'a secret of sixteen', name: 'node-1' })
    expect(mesh.inspect().options).toEqual({ secret: '(hidden)', name: 'node-1' })
  })
})

describe('the options of a transport, as a node tells them', () => {
  const SECRETS = /hush|ada|SUAM|BEGIN/

  it.each<[string, DistributedModuleOptions]>([
    ['a URL of NATS servers with a user', { transport: 'nats://ada:hush@127.0.0.1:4222,127.0.0.1:4223' }],
    ['a URL of NATS servers with a token', { transport: 'tls://hush@127.0.0.1:4222' }],
    ['several transports', { transport: ['cote', 'nats://127.0.0.1,ada:hush@127.0.0.2'] }],
    ['a broker with a password', { transport: nats({ servers: 'nats://127.0.0.1', user: 'ada', pass: 'hush' }) }],
    ['a broker with a token', { transport: nats({ servers: 'nats://127.0.0.1', token: 'hush' }) }],
    ['Redis', { discovery: 'redis://ada:hush@127.0.0.1:6379?db=1', listen: '127.0.0.1' }],
    ['several places', { discovery: ['rediss://:hush@127.0.0.1', 'broadcast://127.255.255.255'], secret: 'hush'.repeat(9) }],
    ['secrets that change', { secret: ['hush'.repeat(9), 'hush'.repeat(10)] }]
  ])('hold no credentials of %s', (_what, options) => {
    const shown = JSON.stringify(DistributedModule.forRoot({ insecure: true, ...options }).inspect().options)
    expect(shown).toMatch(/127\.|\(an object\)|\(hidden\)/)
    expect(shown).not.toMatch(SECRETS)
  })

  it('hold none within objects, whatever their fields are called', () => {
    const options = {
      cote: {
        redis: { username: 'ada', url: 'redis://ada:hush@h' }, nkey: 'SUAM', seed: 'SUAM', jwt: 'hush', creds: 'hush',
        pem: 'hush', pfx: 'hush', passphrase: 'hush', anything: '-----BEGIN PRIVATE KEY-----\nhush',
        sentinels: [{ sentinelPassword: 'hush', apiKey: 'hush' }], key: 'mesh'
      }
    }
    const shown = shownOptions(options)
    expect(JSON.stringify(shown)).not.toMatch(SECRETS)
    expect(shown).toMatchObject({ cote: { key: 'mesh', redis: { url: 'redis://…@h' } } })
  })
})
