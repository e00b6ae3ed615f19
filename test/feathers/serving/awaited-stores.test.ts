import { AwaitedStores } from '../../../lib/feathers/serving/awaited-stores'
import { until } from '../../until'

/** A promise that is settled from outside. */
class Gate {
  open = (): void => {}
  readonly opened = new Promise<void>(resolve => { this.open = resolve })
}

describe('a call that emits durable events', () => {
  const stores = new AwaitedStores()
  stores.begin()

  it('ends when they are kept, and fails where one is not', async () => {
    const kept = new Gate()
    let ended: unknown
    const call = stores.during(async () => {
      stores.add(kept.opened)
      return 'done'
    }).then(result => { ended = result })
    await new Promise(resolve => setImmediate(resolve))
    expect(ended).toBeUndefined()
    kept.open()
    await call
    expect(ended).toBe('done')
    const work = async (): Promise<void> => stores.add(Promise.reject(new Error('not kept')))
    await expect(stores.during(work)).rejects.toThrow('not kept')
    await expect(stores.run(() => ({ context: undefined, ended: work() })).ended).rejects.toThrow('not kept')
  })

  it('leaves nothing behind for work that goes on after it, so that no list grows', async () => {
    for (const result of [Promise.resolve('done'), Promise.reject(new Error('refused'))]) {
      const go = new Gate()
      let isAdded = false
      const stored = new Promise<void>(() => {})
      const push = jest.spyOn(Array.prototype, 'push')
      const call = stores.during(async () => {
        void go.opened.then(() => {
          push.mockClear()
          stores.add(stored)
          isAdded = !push.mock.calls.some(([value]) => value === stored)
        })
        return await result
      })
      await call.catch(() => {})
      go.open()
      await until('the work', () => isAdded)
      push.mockRestore()
    }
  })
})
