import { letterText, readLetter, storedText } from '../../../lib/transport/durable/stored-text'
import { encodeValue } from '../../../lib/transport/values/encode-value'

const message = { path: 'orders', key: 'shop', event: 'shipped', args: [{ text: '"\n"'.repeat(1_000) }] }
const facts = { path: 'orders', event: 'shipped', group: 'a\nb', reason: 'two\nlines', deliveries: 3, sequence: 7 }
const beside = { id: 1, time: new Date(0) }

describe('the text of a dead letter', () => {
  it('holds its event as it was kept, so that it is little longer', () => {
    const text = letterText(facts, message)
    expect(text.length).toBeLessThan(storedText(message).length + 500)
    const { message: read, ...rest } = readLetter(text, beside)
    expect(rest).toEqual({ ...facts, ...beside })
    expect(read).toMatchObject(message)
  })

  it('is read as well where an earlier release wrote it', () => {
    const { text } = encodeValue({ ...facts, text: storedText(message) })
    expect(readLetter(`P${text}`, beside)).toMatchObject({ ...facts, message })
  })
})
