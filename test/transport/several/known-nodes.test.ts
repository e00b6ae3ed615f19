import type { Peer } from 'feathers-mesh/transport'
import { KnownNodes } from '../../../lib/transport/several/known-nodes'

const peer = (id: string, more: Partial<Peer> = {}): Peer => ({ id, key: 'default', contracts: [], ...more })

describe('the nodes that several transports reach', () => {
  it('are called by the first transport that reaches them, and by the next one when it does not', () => {
    const nodes = new KnownNodes(['nothing', 'nothing'])
    expect(nodes.join(peer('a'), 1)).toBe(true)
    expect(nodes.join(peer('a'), 0)).toBe(true)
    expect(nodes.callable('a')).toEqual([0, 1])
    expect(nodes.leave('a', 0)).toBe(true)
    expect([nodes.callable('a'), nodes.get('a')]).toEqual([[1], peer('a')])
    expect(nodes.leave('a', 1)).toBe(true)
    expect([nodes.callable('a'), nodes.get('a')]).toEqual([[], undefined])
  })

  it('are called by a transport by which they have answered before another one', () => {
    const nodes = new KnownNodes(['nothing', 'nothing'])
    nodes.join(peer('a', { isUnproven: true }), 0)
    expect(nodes.callable('a')).toEqual([0])
    nodes.join(peer('a'), 1)
    expect([nodes.callable('a'), nodes.get('a')?.isUnproven]).toEqual([[1], undefined])
  })

  it('have ended when nothing comes of them by any transport', () => {
    const nodes = new KnownNodes(['nothing', 'nothing'])
    nodes.join(peer('a'), 0)
    nodes.join(peer('a'), 1)
    nodes.leave('a', 0)
    expect(nodes.end('a', 0)).toBe(false)
    nodes.leave('a', 1)
    expect(nodes.end('a', 1)).toBe(true)
  })

  it.each([['nothing', 'key'], ['nothing', 'secret'], ['secret', 'key']] as const)(
    'give way to nobody who proves %s where they have proven their %s', (weak, strong) => {
      const nodes = new KnownNodes([strong, weak])
      expect(nodes.join(peer('a'), 0)).toBe(true)
      expect(nodes.join(peer('a'), 1)).toBe(false)
      expect(nodes.leave('a', 1)).toBe(false)
      nodes.leave('a', 0)
      expect(nodes.join(peer('a'), 1)).toBe(false)
      expect(nodes.callable('a')).toEqual([])
    })

  it('take the place of somebody with their id who has proven less', () => {
    const nodes = new KnownNodes(['key', 'nothing'])
    expect(nodes.join(peer('a', { key: 'other' }), 1)).toBe(true)
    expect(nodes.join(peer('a'), 0)).toBe(true)
    expect([nodes.callable('a'), nodes.get('a')?.key, nodes.isReached('a', 1)]).toEqual([[0], 'default', false])
  })

  it('are not the same where they have other keys', () => {
    const nodes = new KnownNodes(['secret', 'secret'])
    expect(nodes.join(peer('a'), 0)).toBe(true)
    expect(nodes.join(peer('a', { key: 'other' }), 1)).toBe(false)
  })

  it('are remembered when they leave, the last 1000 of them', () => {
    const nodes = new KnownNodes(['key', 'nothing'])
    for (let n = 0; n <= 1_000; n++) {
      nodes.join(peer(`node-${n}`), 0)
      nodes.leave(`node-${n}`, 0)
    }
    expect([0, 1, 1_000].map(n => nodes.join(peer(`node-${n}`), 1))).toEqual([true, false, false])
  })
})
