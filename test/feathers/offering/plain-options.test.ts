import { plainOptions } from '../../../lib/feathers/offering/plain-options'

describe('the service options that callers can read', () => {
  it('are plain JSON, copied, and others are left out and told', () => {
    const shared = { a: 1 }
    const cyclic: Record<string, unknown> = {}
    cyclic.self = cyclic
    const values = {
      paginate: shared, again: shared, date: new Date(0), twice: [shared, shared], cyclic, find: () => 1,
      long: 'x'.repeat(70_000), none: undefined
    }
    const leftOut: string[] = []
    const plain = plainOptions([...Object.keys(values), 'missing'], values, name => leftOut.push(name))
    expect(plain).toEqual({ paginate: { a: 1 }, again: { a: 1 } })
    expect(plain.paginate).not.toBe(plain.again)
    expect(leftOut).toEqual(['date', 'twice', 'cyclic', 'find', 'long'])
  })
})
