import { pictureOf, type Watched } from '../../lib/cli/live/picture'
import type { NodeReport } from '../../lib/inspection/node-report'

function reportOf (uptimeMs: number, calls: number, fields: Partial<NodeReport> = {}): NodeReport {
  return {
    id: 'a', name: 'a', key: 'k', version: '1', node: 'v20', uptimeMs, time: 0, options: {}, services: [], peers: [],
    unreachable: [], warnings: [], refusals: {}, called: [], events: [], gaps: 0, taps: 0,
    served: [{
      path: 'todos', method: 'find', calls, errors: { NotFound: calls / 10 }, inFlight: 2, waiting: 0,
      lastMinute: { calls, p50: calls, p99: 2 * calls }
    }],
    ...fields
  }
}

const watched = (id: string, fields: Partial<Watched> = {}): Watched =>
  ({ node: { id, name: id, key: 'k', contracts: [] }, isSilent: false, ...fields })

describe('the picture of a mesh', () => {
  it('has rates from two answers of a node, and the times of the slowest node', () => {
    const { nodes, methods } = pictureOf([
      watched('b', { before: reportOf(1_000, 100), report: reportOf(3_000, 300) }),
      watched('a', { before: reportOf(1_000, 0), report: reportOf(2_000, 10) })
    ], [])
    expect(nodes.map(({ name, callsPerSecond, errorsPerSecond }) => [name, callsPerSecond, errorsPerSecond]))
      .toEqual([['a', 10, 1], ['b', 100, 10]])
    expect(methods).toEqual([{
      path: 'todos', method: 'find', nodes: 2, callsPerSecond: 110, errorsPerSecond: 11, inFlight: 4, p50: 300, p99: 600
    }])
  })

  it('tells which nodes answer, which stopped to, and which never do', () => {
    const { nodes } = pictureOf([
      watched('a', { report: reportOf(1, 1) }), watched('b', { report: reportOf(1, 1), isSilent: true }), watched('c')
    ], [])
    expect(nodes.map(({ state, callsPerSecond }) => [state, callsPerSecond]))
      .toEqual([['answers', 0], ['silent', 0], ['closed', undefined]])
  })

  it('has no negative rates where a process was replaced', () => {
    const { nodes } = pictureOf([watched('a', { before: reportOf(9_000, 500), report: reportOf(9_500, 10) })], [])
    expect(nodes[0]?.callsPerSecond).toBe(0)
  })

  it('names who does not see whom', () => {
    const unseen = { address: '127.0.0.1:1', reason: 'it is far', code: 'notReached' }
    const report = reportOf(1, 1, { unreachable: [unseen] })
    expect(pictureOf([watched('a', { report })], [unseen]).unseen).toEqual([unseen, { ...unseen, by: 'a' }])
  })
})
