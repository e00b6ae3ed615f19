import type { Contract } from 'feathers-mesh'
import { RemoteServiceEntry } from '../../lib/registry/remote-service-entry'
import { EventSources } from '../../lib/remote/event-sources'

const contract: Contract = { path: 'todos', methods: [{ name: 'find', idempotent: true }], events: [] }

const entry = (path: string, key: string): RemoteServiceEntry =>
  new RemoteServiceEntry(path, { id: key, key, contracts: [contract] }, contract)

describe('the services whose events have listeners', () => {
  it('are found by the path on their hosts, which several keys may share, until they are gone', () => {
    const sources = new EventSources()
    const [one, other] = [entry('a/todos', 'a'), entry('b/todos', 'b')]
    for (const each of [one, other, one]) sources.add(each)
    expect([sources.at('todos'), sources.at('a/todos')]).toEqual([[one, other], []])
    expect([sources.delete(one), sources.delete(one), sources.at('todos')]).toEqual([true, false, [other]])
    expect([sources.delete(other), sources.at('todos')]).toEqual([true, []])
  })
})
