import { helloText, readHello, type Hello } from '../../../lib/transport/nats/hello'
import { tokenOf } from '../../../lib/transport/nats/subjects'
import { MalformedMessage } from '../../../lib/transport/transport'

const hello: Hello = {
  id: 'node', key: 'default', life: 'abc.1', count: 1, revision: 2, asks: false, isLeaving: false
}
const read = (said: Hello): Hello => readHello(helloText(said), tokenOf(said.key))

describe('a hello', () => {
  it('is read as it was written', () => {
    for (const said of [hello, { ...hello, id: 'Büro 😀', key: 'a.b', asks: true, isLeaving: true }]) {
      expect(read(said)).toEqual(said)
    }
  })

  it('is refused with names that subjects do not tell from others: half of a character is none', () => {
    for (const name of ['\ud800', 'a\udfff', '\ude00\ud83d']) {
      expect(() => read({ ...hello, id: name })).toThrow(MalformedMessage)
      expect(() => read({ ...hello, key: name })).toThrow(MalformedMessage)
    }
    // What it becomes as bytes.
    expect(read({ ...hello, id: '\ufffd' }).id).toBe('\ufffd')
  })

  it('is refused with another key than that of its subject', () => {
    expect(() => readHello(helloText(hello), 'other')).toThrow(MalformedMessage)
  })
})
