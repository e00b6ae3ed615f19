import { PROCESS_LOG } from '../../../lib/log'
import * as path from '../../../lib/contract/path'
import { Entrance } from '../../../lib/feathers/showing/entrance'
import { Notices } from '../../../lib/registry/notices'
import { Registry } from '../../../lib/registry/registry'
import { until } from '../../until'

jest.mock('../../../lib/contract/path', () => {
  const actual: typeof path = jest.requireActual('../../../lib/contract/path')
  return { ...actual, answersFor: jest.fn(actual.answersFor) }
})

/** Paths of one node that a router can't tell from one another, or only by their ends. */
const PLACES: ReadonlyArray<readonly [string, (n: number) => string]> = [
  ['differ only in a placeholder', n => `a/:x${n}`],
  ['begin with the same eight parts', n => `a/b/c/d/e/f/g/h/${n}`],
  ['have placeholders in turn', n => n % 2 === 0 ? `a/${n}/:x` : `a/:x/${n}`]
]

const MANY = 1_000

describe('the entrance of an app', () => {
  it.each(PLACES)('compares no paths of one node, and asks for each a few times, where they %s', async (_how, at) => {
    const registry = new Registry()
    const declared = new Set<string>()
    const entrance = new Entrance({ registry, declared }, () => false, new Notices(declared, PROCESS_LOG))
    const asked = jest.spyOn(registry, 'service')
    const admitted: boolean[] = []
    registry.on('service', entry => {
      admitted.push(entrance.admits(entry))
      entrance.enter(entry.path)
    })
    const contracts = Array.from({ length: MANY }, (_, n) => ({ path: at(n), methods: [], events: [] }))
    registry.join({ id: 'one', key: 'one', contracts })
    await until(() => admitted.length === MANY)
    expect(admitted).not.toContain(false)
    expect(path.answersFor).not.toHaveBeenCalled()
    expect(asked.mock.calls.length).toBeLessThan(MANY * 5)
  })
})
