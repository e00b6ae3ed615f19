import fc from 'fast-check'
import { nodeTitle } from '../../lib/printable'
import { withNodeTitle } from '../../lib/registry/mesh-node'

const ID = '3f6c2f0e-9c1b-4d58-8a55-0f5a6a3f2b11'

describe('a message about a node', () => {
  it('names the node beside its id wherever it stands as a whole', () => {
    const node = { id: ID, name: 'api-7f' }
    expect(withNodeTitle(`node ${ID} has left`, node)).toBe(`node api-7f (${ID}) has left`)
    expect(withNodeTitle(`too much waits for node ${ID}`, node)).toBe(`too much waits for node api-7f (${ID})`)
    expect(withNodeTitle(`node ${ID}: gone, node ${ID}.`, node)).toBe(`node api-7f (${ID}): gone, node api-7f (${ID}).`)
  })

  it.each([
    `node ${ID}2 has left`, `node ${ID}-b has left`, `node ${ID}.b has left`, `renode ${ID} has left`, ID,
    `the connection to ${ID} was lost`
  ])('stays as it is where the id is a part of something else: %s', message => {
    expect(withNodeTitle(message, { id: ID, name: 'api-7f' })).toBe(message)
  })

  it.each(['', ' ', 'e', 'has', 'the', 'node'])('stays as it is when the id is a word of it: %j', id => {
    const message = 'the node has left: node has no responder'
    expect(withNodeTitle(message, { id, name: 'odd' })).toBe(message)
  })

  it.each(['$&', '$$', "$'", '$`', '$1', '$<name>'])('has the name as it is, like %s', name => {
    expect(withNodeTitle(`node ${ID} has left`, { id: ID, name })).toBe(`node ${name} (${ID}) has left`)
  })

  it('is one line that contains the title once, whatever a peer chooses as its id and name', () => {
    const odd = fc.oneof(
      fc.string(), fc.constantFrom('$&', "$'", '$`', '.*', '\\', '\n', 'node ', 'has left', '\u202E')
    )
    const text = fc.array(odd, { maxLength: 4 }).map(parts => parts.join(''))
    fc.assert(fc.property(text, text, (id, name) => {
      const message = withNodeTitle(`node ${id} has left`, { id, name })
      const allowed = [`node ${id} has left`, `node ${nodeTitle({ id, name })} has left`]
      expect(allowed).toContain(message)
      expect(nodeTitle({ id, name })).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}]/u)
      // A message about another node, or about no node, stays as it is.
      expect(withNodeTitle('too much waits', { id, name })).toBe('too much waits')
    }), { numRuns: 1_000 })
  })
})
