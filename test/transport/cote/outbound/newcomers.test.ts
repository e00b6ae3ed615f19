import { Newcomers, type Newcomer } from '../../../../lib/transport/cote/outbound/newcomers'
import type { CotePeer } from '../../../../lib/transport/cote/outbound/cote-peer'

const made: Newcomers[] = []

afterEach(() => { for (const each of made.splice(0)) each.stop() })

function meeting (): { readonly newcomers: Newcomers, readonly forgotten: string[] } {
  const forgotten: string[] = []
  const newcomers = new Newcomers({ onRejected: () => {}, forget: id => forgotten.push(id) }, 1)
  made.push(newcomers)
  return { newcomers, forgotten }
}

/** Its peer does nothing: it never answers. */
const newcomer = (id: string, port: number): Newcomer => ({
  id, address: '10.0.0.1', port, start: () => ({ leave: () => {}, destroy: () => {} }) as unknown as CotePeer
})

const placesOf = (newcomers: Newcomers): Map<string, number> =>
  (newcomers as unknown as { waitingAt: Map<string, number> }).waitingAt

describe('newcomers that wait', () => {
  it('are at most four at one place, which are counted and not looked through', () => {
    const { newcomers, forgotten } = meeting()
    for (let n = 0; n < 8; n++) newcomers.meet(newcomer(`node-${n}`, 1))
    expect(newcomers.size).toEqual({ asked: 1, waiting: 4 })
    expect(forgotten).toEqual(['node-5', 'node-6', 'node-7'])
    expect([...placesOf(newcomers).values()]).toEqual([4])
  })

  it('are counted at the place that their last hello names', () => {
    const { newcomers } = meeting()
    for (let n = 0; n < 3; n++) newcomers.meet(newcomer(`node-${n}`, 1))
    newcomers.meet(newcomer('node-1', 2))
    expect([...placesOf(newcomers)]).toEqual([['10.0.0.1:1', 1], ['10.0.0.1:2', 1]])
  })

  it('are counted no more when they give way to others or nobody is asked any more', () => {
    const { newcomers } = meeting()
    for (let n = 0; n < 3_000; n++) newcomers.meet(newcomer(`node-${n}`, n + 1))
    expect(placesOf(newcomers).size).toBe(1_000)
    newcomers.stop()
    expect(placesOf(newcomers).size).toBe(0)
  })
})
