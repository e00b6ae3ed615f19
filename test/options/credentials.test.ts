import fc from 'fast-check'
import { ConfigurationError, CoteTransport, DistributedModule } from 'feathers-mesh'
import { withoutCredentials } from '../../lib/printable'
import { setsVariables } from './environment-variables'

setsVariables()

const PASSWORD = 'pass/w?o#r:d'
const URL_TEXTS = [
  `redis://user:${PASSWORD}@127.0.0.1:6379/0`, `redis://${PASSWORD}@127.0.0.1`, `user:${PASSWORD}@127.0.0.1`,
  `//user:${PASSWORD}@127.0.0.1`, `redis:/user:${PASSWORD}@127.0.0.1`, `redis://127.0.0.1?password=${PASSWORD}`,
  `redis://user:a@${PASSWORD}@127.0.0.1`
]

/** The message for which options are refused. */
function messageFor (make: () => unknown): string {
  try {
    make()
    return ''
  } catch (error) {
    if (error instanceof ConfigurationError) return error.message
    throw error
  }
}

describe('a message about options', () => {
  it.each(URL_TEXTS)('never repeats the credentials of a URL: %#', url => {
    const messages = [
      messageFor(() => DistributedModule.forRoot({ transport: url as 'cote' })),
      messageFor(() => DistributedModule.forRoot({ listen: url })),
      messageFor(() => DistributedModule.forRoot({ environment: url, cote: { environment: 'other' } })),
      messageFor(() => DistributedModule.forRoot({ environment: 'other', cote: { environment: url } })),
      messageFor(() => DistributedModule.forRoot({ listen: '127.0.0.1', cote: { address: url } })),
      messageFor(() => DistributedModule.forRoot({ [url]: 1 })),
      messageFor(() => DistributedModule.forRoot({ cote: { broadcast: url } })),
      messageFor(() => new CoteTransport({ [url]: 1 }))
    ]
    // Not each of these is refused, as some may be what they are given for.
    const secret = 'sixteen characters'
    const others = [
      messageFor(() => DistributedModule.forRoot({ discovery: url })),
      messageFor(() => DistributedModule.forRoot({ discovery: `${url},` })),
      messageFor(() => DistributedModule.forRoot({ discovery: [url], cote: { discovery: url } })),
      messageFor(() => DistributedModule.forRoot({ cote: { redis: { url: `${url},` } } })),
      messageFor(() => DistributedModule.forRoot({ remotes: [`${url}/:id/\u0000`] })),
      messageFor(() => DistributedModule.forRoot({ secret, cote: { address: '::1', unicast: [url] } }))
    ]
    for (const message of others) expect(message).not.toContain(PASSWORD)
    for (const message of messages) {
      expect(message).toContain('feathers-mesh is not set up correctly')
      expect(message).not.toContain(PASSWORD)
    }
  })

  it('keeps the rest of a URL, and any other text', () => {
    expect(withoutCredentials('redis://user:password@127.0.0.1:6379/0')).toBe('redis://…@127.0.0.1:6379/0')
    for (const text of ['nats://127.0.0.1:4222', '10.0.0.7:4100', '[fd00::7]:4100', 'todos@v2', 'todos/:id', '', '://']) {
      expect(withoutCredentials(text)).toBe(text)
    }
  })

  it('has nothing of a password, whatever it consists of', () => {
    const password = fc.string({ minLength: 1 }).map(text => `<${text}>`)
    fc.assert(fc.property(fc.constantFrom('redis://user:', 'nats://', 'user:', '//user:'), password, (start, secret) => {
      expect(withoutCredentials(`${start}${secret}@127.0.0.1`)).not.toContain('>')
    }))
  })
})
