import { EventSeals } from '../../../../lib/transport/nats/sealing/event-seals'
import { MalformedMessage } from '../../../../lib/transport/transport'

const beside = (peer: string): string => `events\0${peer}`

describe('the events of a node', () => {
  const publisher = new EventSeals<string>()
  const publish = (text: string): Buffer => publisher.seal(text, beside('publisher'))
  let listener: EventSeals<string>

  beforeEach(() => {
    publisher.renew()
    listener = new EventSeals()
  })

  it('are opened once, by those who were told its key', () => {
    const [before, sealed] = [publish('before'), publish('one')]
    expect(listener.open(sealed, beside)).toBeUndefined()
    listener.take('publisher', publisher.told)
    const later = publish('two')
    expect(listener.open(later, beside)).toEqual({ peer: 'publisher', text: 'two' })
    for (const old of [before, sealed, later]) expect(() => listener.open(old, beside)).toThrow(MalformedMessage)
  })

  it('are opened also where other nodes told its id as theirs, before it and behind it', () => {
    const told = JSON.parse(publisher.told) as object
    const stolen = JSON.stringify({ ...told, key: Buffer.alloc(32, 7).toString('base64url') })
    listener.take('thief', stolen)
    listener.take('publisher', publisher.told)
    listener.take('another thief', publisher.told)
    expect(listener.open(publish('one'), beside)).toEqual({ peer: 'publisher', text: 'one' })
    listener.forget('thief')
    expect(listener.open(publish('two'), beside)).toEqual({ peer: 'publisher', text: 'two' })
    listener.forget('publisher')
    expect(() => listener.open(publish('three'), beside)).toThrow(MalformedMessage)
    listener.forget('another thief')
    expect(listener.open(publish('four'), beside)).toBeUndefined()
  })

  it('are of nobody where they are cut off', () => {
    expect(() => listener.open(publish('one').subarray(0, 12), beside)).toThrow(MalformedMessage)
  })
})
