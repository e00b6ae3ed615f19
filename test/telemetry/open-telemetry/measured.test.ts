import { methodNamed } from '../../../lib/telemetry/open-telemetry/conventions'
import { Outcomes } from '../../../lib/telemetry/open-telemetry/instruments'
import { Measured } from '../../../lib/telemetry/open-telemetry/measured'

describe('the attributes of a method with another node beside them', () => {
  it('are kept for a hundred nodes, as ids are what peers say', () => {
    const measured = new Measured(methodNamed('todos', 'get'), { record: () => {} }, new Outcomes(), true)
    const first = measured.attributesWith('node 0')
    for (let n = 1; n < 100; n++) measured.attributesWith(`node ${n}`)
    expect(measured.attributesWith('node 0')).toBe(first)
    measured.attributesWith('node 100')
    expect(measured.attributesWith('node 0')).not.toBe(first)
    expect(measured.attributesWith('node 0')).toEqual(first)
  })
})
