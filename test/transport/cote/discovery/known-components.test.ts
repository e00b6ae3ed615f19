import { KnownComponents, type KnownComponent } from '../../../../lib/transport/cote/discovery/known-components'

/** A component as discovery knows it. */
function known (iid: string, advertisement: object = {}): KnownComponent {
  const node = { appUuid: iid, appDistributionKey: 'default' }
  const full = { name: 'feathers services responder', key: '$$default', axon_type: 'rep', ...node, ...advertisement }
  const component = { iid, advertisement: full, address: '127.0.0.1' }
  return { component, lastSeen: 0, way: 0, pid: 'p', text: JSON.stringify(full) }
}

const bystander = (iid: string): KnownComponent => known(iid, { name: 'a component of another program' })

describe('the components that are known', () => {
  it('are limited in number', () => {
    const components = new KnownComponents(10)
    expect(Array.from({ length: 12 }, (_, n) => components.set(known(`node-${n}`))).filter(isKnown => isKnown)).toHaveLength(10)
    expect(components.set(known('node-3', { port: 7 }))).toBe(true)
    components.delete('node-3')
    expect(components.set(known('another'))).toBe(true)
  })

  it('are limited in what they say together, also where one says more than before', () => {
    const components = new KnownComponents(1_000, 100_000)
    const long = { requests: ['x'.repeat(40_000)] }
    expect(['one', 'two', 'three'].map(iid => components.set(known(iid, long)))).toEqual([true, true, false])
    expect(components.set(known('short'))).toBe(true)
    expect(components.set(known('short', long))).toBe(false)
    expect(components.get('short')?.component.advertisement.requests).toBeUndefined()
    components.delete('one')
    components.delete('one')
    expect(components.set(known('short', long))).toBe(true)
    expect(components.set(known('four', long))).toBe(false)
  })

  it('keep room for nodes, whatever other components are announced', () => {
    const components = new KnownComponents(10)
    for (let n = 0; n < 100; n++) expect(components.set(bystander(`other-${n}`))).toBe(true)
    const latest = [95, 96, 97, 98, 99].map(n => `other-${n}`)
    expect(Array.from(components.all, ({ component: { iid } }) => iid)).toEqual(latest)
    for (let n = 0; n < 5; n++) expect(components.set(known(`node-${n}`))).toBe(true)
    expect(components.set(known('node-5'))).toBe(false)
  })

  it('count as one node for each responder, whatever else is announced', () => {
    const components = new KnownComponents(6)
    for (let n = 0; n < 10; n++) components.set(bystander(`other-${n}`))
    for (let n = 0; n < 4; n++) components.set(known(`node-${n}`))
    components.set(known('node-0', { port: 7 }))
    expect(components.nodeCount).toBe(3)
    components.set(known('node-0', { name: 'feathers services publisher' }))
    for (const iid of ['node-1', 'node-1', 'other-9', 'nobody']) components.delete(iid)
    expect(components.nodeCount).toBe(1)
  })
})
