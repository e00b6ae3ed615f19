import { readHead } from '../../../lib/transport/nats/inbox-head'
import { messageText, readMessages } from '../../../lib/transport/nats/message-text'
import { MalformedMessage } from '../../../lib/transport/transport'

function read (text: string): unknown[][] {
  const found: unknown[][] = []
  readMessages(text, 0, (...message) => found.push(message))
  return found
}

describe('messages as text', () => {
  it('are read as they were written, one after another', () => {
    const plain = { plain: true, text: '{"ü":"\\n 🎉"}' }
    const table = { plain: false, text: '[[1]]', beside: '[2]' }
    const messages: Array<Parameters<typeof messageText>> = [
      ['request', 7, plain], ['reply', 8, { value: table }], ['reply', 9, { error: table, value: plain, now: 17 }],
      ['reply', 10, {}], ['cancel', 2 ** 50, undefined], ['event', 0, table], ['hello', 0, '{"id":"x"}']
    ]
    expect(read(messages.map(message => messageText(...message)).join(''))).toEqual(messages)
  })

  it.each([
    '\n', 'q1', 'z1\n', 'q1 P5\nfour', 'q1 P-1\n', 'q1 P1e9\nx', 'q1 P99999999999999999\n', 'qx\n', ' \n',
    `q1 ${'P0 '.repeat(100)}\n`, 'q P1\nx', 'q1P1\nx', 'q1 P\nx', 'q1 P1 \nx', 'q1  P1\nx', 'q1 X1\nx', 'q1 B1\nx',
    'r1 b1\nx', 'q-1\n', 'q1.5\n', 'q١\n', 'q99999999999999999\n', 'q1 P00000000000000001\nx', 'r1 N\n'
  ])('are refused when they are none: %j', text => expect(() => read(text)).toThrow(MalformedMessage))

  it('have a first line of 200 characters at most', () => {
    expect(() => read(`q1${' P0'.repeat(70)}\n`)).toThrow('a message without a first line')
    expect(read(`q1${' P0'.repeat(60)}\n`)).toHaveLength(1)
  })

  it('have a head of 400 characters at most', () => {
    expect(readHead('node abc.1 -\nrest')).toEqual({ token: 'node', theirName: 'abc.1', ownName: '-', end: 13 })
    expect(() => readHead(`${'x'.repeat(400)} a -\n`)).toThrow(MalformedMessage)
    for (const text of ['', 'a b c', 'a b\n', 'a b c d\n']) expect(() => readHead(text)).toThrow(MalformedMessage)
  })
})
