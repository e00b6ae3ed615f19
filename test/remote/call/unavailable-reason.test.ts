import type { UnreachablePeer } from 'feathers-mesh/transport'
import { unavailableReason } from '../../../lib/remote/call/unavailable-reason'
import { Registry } from '../../../lib/registry/registry'
import { ScriptedTransport, todos } from '../scripted-transport'

/** The reason where these nodes can't be reached. */
function reasonOf (peers: readonly UnreachablePeer[] | undefined, node?: string, registry = new Registry()): string {
  const transport = Object.assign(new ScriptedTransport(), peers === undefined ? {} : { unreachable: () => peers })
  return unavailableReason({ registry, transport }, 'todos', node)
}

const NEVER = "'todos' has never been seen on the mesh, nor has any other service"
const PEER = { id: 'one', key: 'default', address: '10.0.0.1:4100', reason: 'connect ECONNREFUSED 10.0.0.1:4100' }

describe('the reason why no node takes a call', () => {
  it('names the nodes that were heard and can\'t be reached, and why', () => {
    expect(reasonOf([PEER])).toBe(`${NEVER}; node one with key 'default' was heard, but no connection to ` +
      '10.0.0.1:4100: connect ECONNREFUSED 10.0.0.1:4100')
    expect(reasonOf([{ ...PEER, name: 'api' }])).toContain('; node api (one) with key')
    expect(reasonOf([{ ...PEER, id: undefined }])).toContain("; a node with key 'default' was heard")
  })

  it('names those that were heard and are not taken for nodes of the mesh', () => {
    expect(reasonOf([{ address: '10.0.0.2', reason: "its environment is 'other', this node's is ''" }]))
      .toBe(`${NEVER}; a node at 10.0.0.2 was heard, but its environment is 'other', this node's is ''`)
  })

  it('names the places where nobody was found', () => {
    expect(reasonOf([{ address: '10.0.0.2:4100', reason: 'connect ECONNREFUSED', isPlace: true }]))
      .toBe(`${NEVER}; no node was found at 10.0.0.2:4100: connect ECONNREFUSED`)
  })

  it('names none where the transport knows of none, or has no such list', () => {
    expect([reasonOf([]), reasonOf(undefined)]).toEqual([NEVER, NEVER])
  })

  it('names three of many', () => {
    const reason = reasonOf(Array.from({ length: 50 }, (_, n) => ({ ...PEER, id: `node-${n}` })))
    expect(reason.match(/was heard/g)).toHaveLength(3)
    expect(reason).toMatch(/; and 47 more$/)
  })

  it('names only the node that the call names', () => {
    expect(reasonOf([PEER, { ...PEER, id: 'two' }], 'two').match(/was heard/g)).toHaveLength(1)
    expect(reasonOf([PEER], 'three')).toBe(NEVER)
  })

  it('has none of the line breaks and endless texts that peers may send', () => {
    const long = 'x'.repeat(100_000)
    const reason = reasonOf([{ ...PEER, key: 'a\nb', name: '\u001b[31m', reason: long }])
    expect(reason).not.toMatch(/\p{Cc}/u)
    expect(reason.length).toBeLessThan(1_000)
  })

  it('tells of them where the service was last seen as well', () => {
    const registry = new Registry()
    registry.join({ id: 'one', key: 'default', contracts: [todos()] })
    registry.leave('one')
    expect(reasonOf([PEER], undefined, registry)).toMatch(/^'todos' was last seen on node one at .*; node one with key/)
  })
})
