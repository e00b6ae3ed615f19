import type { Contract } from 'feathers-mesh'
import { differences } from '../../lib/contract/contract-differences'

const expected: Contract = {
  path: 'todos',
  methods: [
    { name: 'find', idempotent: true, shapes: { query: 'q', result: 'Todo' } },
    { name: 'create', idempotent: false, shapes: { data: 'd', result: 'Todo' } },
    { name: 'get', idempotent: true, shapes: { id: 'Number' } }
  ],
  events: ['created', 'updated', 'patched', 'removed', 'completed'],
  version: '1.0.0',
  hash: 'h'
}
const [find, create, get] = expected.methods

describe('the comparison of two contracts', () => {
  it('finds no difference when they are identical', () => {
    expect(differences(expected, expected)).toEqual([])
  })

  it('finds no difference when the replica offers more than is expected', () => {
    const methods = [...expected.methods, { name: 'undo', idempotent: true }]
    const more = { ...expected, hash: 'other', methods, events: [...expected.events, 'undone'] }
    expect(differences(expected, more)).toEqual([])
  })

  it('finds no difference in fields that one of them lacks, as contracts of old nodes do', () => {
    const methods = expected.methods.map(({ name, idempotent }) => ({ name, idempotent }))
    const old: Contract = { path: 'todos', methods, events: expected.events }
    expect(differences(expected, old)).toEqual([])
    expect(differences(old, expected)).toEqual([])
  })

  it('ignores missing standard events, because a node may keep them to itself', () => {
    expect(differences(expected, { ...expected, events: ['completed'], hash: 'other' })).toEqual([])
  })

  it('lists every difference in words', () => {
    expect(differences(expected, {
      ...expected,
      version: '2.0.0',
      hash: 'other',
      methods: [
        { ...find, shapes: { query: 'q2', result: 'Task' } }, { ...create, shapes: { data: 'd2', result: 'Todo' } },
        { name: 'undo', idempotent: true }, { name: 'redo', idempotent: true }
      ],
      events: ['created', 'undone']
    })).toEqual([
      'it is version 2.0.0, not 1.0.0',
      'it has no method get',
      'it has no event completed',
      'the query of find() has another shape',
      'find() gives Task, not Todo',
      'the data of create() has another shape',
      'it has also the method undo, redo',
      'it has also the event undone'
    ])
    const methods = [find, create, { ...get, shapes: { id: 'String' } }]
    const replica = { ...expected, hash: 'other', methods }
    expect(differences(expected, replica)).toEqual(['the id of get() has another shape'])
  })
})
