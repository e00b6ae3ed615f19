import fc from 'fast-check'
import { readBatch, readReport } from '../../../lib/inspection/observer/read-answers'
import { Washing } from '../../../lib/inspection/observer/washed'

const CONTROL = /[\p{Cc}\p{Cf}\p{Cs}]/u

describe('what an observer reads of an answer', () => {
  it('has its fields, whatever a peer sent', () => {
    fc.assert(fc.property(fc.object({ maxDepth: 4 }), answer => {
      const report = readReport({ id: 'a', ...answer })
      const batch = readBatch({ tap: 'a', ...answer })
      for (const rows of [report?.served ?? [], report?.events ?? [], batch?.records ?? []]) {
        expect(Array.isArray(rows)).toBe(true)
      }
    }))
  })

  it('has no control characters in texts and names of fields', () => {
    const report = readReport({
      id: 'a\u001b[2J', name: 'b\n', options: { 'c\u0007': 'd\u202e' }, refusals: { 'e\u001b': 1 },
      served: [{ path: 'f\r', method: 'g', errors: { 'h\u001b': 2 }, lastMinute: { calls: 1, p50: 1 } }]
    })
    const texts = (value: unknown): string[] => {
      if (typeof value === 'string') return [value]
      return Object.entries(Object(value) as object).flatMap(([name, field]) => [name, ...texts(field)])
    }
    expect(texts(report).filter(text => CONTROL.test(text))).toEqual([])
    expect(report?.served[0]).toMatchObject({ method: 'g', lastMinute: { calls: 1, p50: 1 } })
  })

  it('has times that a Date can tell', () => {
    const records = [1e300, -1e300, 7].map(at => ({ side: 'sent', at }))
    const times = readBatch({ tap: 'a', records })?.records.map(({ at }) => new Date(at).toISOString())
    expect(times).toEqual(['+275760-09-13T00:00:00.000Z', '-271821-04-20T00:00:00.000Z', '1970-01-01T00:00:00.007Z'])
  })

  it('leaves out what is no report, no batch, and no record', () => {
    expect([null, 7, [], {}, { id: 7 }].map(readReport)).toEqual(Array(5).fill(undefined))
    expect(readBatch({ records: [] })).toBeUndefined()
    expect(readBatch({ tap: 'a', records: [7, { side: 'other' }, { side: 'sent', path: 'todos' }], lost: 'x' }))
      .toEqual({ tap: 'a', records: [{ side: 'sent', at: 0, path: 'todos', name: '' }], lost: 0 })
  })

  it('ends: lists, texts, depth and the number of all values are bounded', () => {
    let deep: unknown = 'end'
    for (let n = 0; n < 50; n++) deep = { deep }
    const washed = new Washing().wash({ deep, long: 'x'.repeat(100_000), list: Array(20_000).fill(0) })
    const text = JSON.stringify(washed)
    expect(text).not.toContain('end')
    expect(text.length).toBeLessThan(20_000 + 5_000 * 2 + 1_000)
    const many = Array(1_000).fill(Array(1_000).fill(7))
    expect(JSON.stringify(new Washing().wash(many)).match(/7/g)?.length).toBeLessThanOrEqual(100_000)
  })

  it('ends where one long text is in very many places, as value or as name', () => {
    for (const text of ['x', '\u0007'].map(character => character.repeat(20_000))) {
      const row = { path: text, [text]: 7 }
      const washed = new Washing().wash(Array(5_000).fill(row))
      expect(JSON.stringify(washed).length).toBeLessThan(4 * 1024 * 1024 + 5_000 * 20)
    }
  })

  it('has no bytes, which take long to list', () => {
    expect(new Washing().wash({ bytes: new Uint8Array(3), text: 'x' })).toEqual({ bytes: undefined, text: 'x' })
  })

  it('has the names and the texts of a large answer as they are', () => {
    const served = Array.from({ length: 5_000 }, (_, n) => ({ path: `service-${n}`, method: 'find', calls: n }))
    expect(readReport({ id: 'a', served })?.served.at(-1)).toMatchObject({ path: 'service-4999', calls: 4_999 })
  })

  it('does not touch the prototype of what it makes', () => {
    const washed = new Washing().wash(JSON.parse('{"__proto__":{"odd":1}}'))
    expect(Object.getPrototypeOf(washed)).toBe(Object.prototype)
  })
})
