import { loadJetStream } from '../../../lib/transport/nats/durable/jetstream'

let given: unknown

jest.mock('@nats-io/jetstream', () => {
  if (given === undefined) throw new Error('Cannot find module')
  return given
})

describe('the package for durable events over NATS', () => {
  beforeEach(() => jest.resetModules())

  it('is asked for with the line that installs it, when it is missing or another one', () => {
    given = undefined
    expect(loadJetStream().fault).toMatch("can't be loaded (Cannot find module): npm install @nats-io/jetstream")
    given = { jetstream: 'old' }
    expect(loadJetStream().fault).toMatch('3.4 or later, and find something else: npm install @nats-io/jetstream')
  })

  it('is used when it is there', () => {
    given = { jetstream: () => {}, jetstreamManager: () => {} }
    expect(loadJetStream()).toEqual({ jetStream: given })
  })
})
