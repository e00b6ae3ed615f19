import { ContextTakers } from '../../../../lib/transport/cote/legacy/context-takers'

const component = (address: string, port?: number): Parameters<ContextTakers['add']>[1] => ({
  iid: 'i',
  address,
  advertisement: { name: 'feathers services publisher', key: '$$services', axon_type: 'pub-emitter', port }
})

describe('an address that subscribes to events', () => {
  it('gets a hook context while each old node there has the ports of 3.0', () => {
    const takers = new ContextTakers()
    expect(takers.has('10.0.0.1')).toBe(false)
    takers.add('three', component('10.0.0.1', 8_000))
    takers.add('another', component('10.0.0.2', 10_000))
    expect(takers.has('10.0.0.1')).toBe(true)
    expect(takers.has('::ffff:10.0.0.1')).toBe(true)
    expect(takers.has('10.0.0.2')).toBe(false)
    takers.add('two', component('10.0.0.1', 20_000))
    expect(takers.has('10.0.0.1')).toBe(false)
    takers.delete('two')
    expect(takers.has('10.0.0.1')).toBe(true)
    takers.delete('three')
    expect(takers.has('10.0.0.1')).toBe(false)
  })

  it('gets none when one component has a port that 3.0 never takes, or when none listens', () => {
    const takers = new ContextTakers()
    takers.add('node', component('10.0.0.1'))
    expect(takers.has('10.0.0.1')).toBe(false)
    takers.add('node', component('10.0.0.1', 8_001))
    expect(takers.has('10.0.0.1')).toBe(true)
    takers.add('node', component('10.0.0.1', 7_999))
    takers.add('node', component('10.0.0.1', 8_002))
    expect(takers.has('10.0.0.1')).toBe(false)
  })
})
