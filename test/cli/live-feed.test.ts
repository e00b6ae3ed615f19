import { EventEmitter } from 'node:events'
import type { ServerResponse } from 'node:http'
import { LiveFeed } from '../../lib/cli/console/live-feed'
import { MeshObserver } from '../../lib/inspection/observer/observer'
import { feathers } from '@feathersjs/feathers'
import { DistributedModule, MemoryNetwork } from 'feathers-mesh'
import { until } from '../until'

/** What a feed needs of a response. */
class FakePage extends EventEmitter {
  readonly told: string[] = []
  writableLength = 0
  isDestroyed = false

  writeHead (): void {}

  write (text: string): void {
    this.told.push(text)
  }

  destroy (): void {
    this.isDestroyed = true
    this.emit('close')
  }
}

describe('the feed of the console', () => {
  let feed: LiveFeed
  let observer: MeshObserver
  let node: DistributedModule
  let network: MemoryNetwork

  beforeEach(async () => {
    network = new MemoryNetwork()
    const app = feathers()
    app.use('todos', { async find () { return [] } })
    node = DistributedModule.forRoot({ app, transport: network.transport() })
    await node.start()
    observer = new MeshObserver(network.transport())
    await observer.start()
    feed = new LiveFeed(observer)
  })

  afterEach(async () => {
    feed.close()
    await observer.stop()
    await node.stop()
  })

  function look (): FakePage {
    const page = new FakePage()
    // Only what it has is used.
    feed.add(page as object as ServerResponse, {})
    return page
  }

  /** Which nodes refuse the live stream, as a page was told last. */
  function refused ({ told }: FakePage): unknown {
    const last = told.filter(text => text.startsWith('event: refusing')).at(-1)
    return last === undefined ? undefined : JSON.parse(last.split('data: ')[1])
  }

  it('tells pages which nodes refuse the live stream and why, until they are gone', async () => {
    const closed = DistributedModule.forRoot({ name: 'closed', inspect: false, transport: network.transport() })
    const choosy = DistributedModule.forRoot({ name: 'choosy', inspect: ['ops'], transport: network.transport() })
    await Promise.all([closed.start(), choosy.start()])
    try {
      await until('the observer to see them', () => observer.nodes.length === 3)
      const expected = [
        { node: 'choosy', why: expect.stringContaining('mesh.inspect() is not allowed') },
        { node: 'closed', why: 'it answers no questions' }
      ]
      const page = look()
      await until('both refusals', () => JSON.stringify(refused(page) ?? []).includes('closed') &&
        JSON.stringify(refused(page)).includes('choosy'))
      expect(refused(page)).toEqual(expected)
      // One that comes later learns it, too.
      const later = look()
      expect(refused(later)).toEqual(expected)
      await closed.stop()
      await until('the end of a refusal', () => JSON.stringify(refused(page)).includes('choosy') &&
        !JSON.stringify(refused(page)).includes('closed'))
    } finally {
      await Promise.all([closed.stop(), choosy.stop()])
    }
  })

  it('tells no longer of a node that refused, and then gave its live stream', async () => {
    const taps = Array.from({ length: 4 }, () => observer.tap({}, { onRecords: () => {} }))
    await until('as many taps as there may be', () => node.inspect().taps === 4)
    const page = look()
    await until('the refusal', () => JSON.stringify(refused(page) ?? []).includes('as many taps'))
    for (const end of taps) end()
    await until('the tap', () => JSON.stringify(refused(page)) === '[]')
  })

  it('closes a page that does not read', async () => {
    const page = look()
    page.writableLength = 4 * 1024 * 1024 + 1
    await until('the end of the page', () => page.isDestroyed)
  })

  it('gives a page at most 100 records at a time, and counts the rest', async () => {
    const page = look()
    await until('the tap', () => node.inspect().taps === 1)
    for (let n = 0; n < 150; n++) node.app.service('todos').emit('created', n)
    const batches = await until('all records', () => {
      const found = page.told.filter(text => text.startsWith('event: records')).map(text =>
        JSON.parse(text.split('data: ')[1]) as { records: unknown[], lost: number })
      const count = found.reduce((sum, { records, lost }) => sum + records.length + lost, 0)
      return count === 150 ? found : undefined
    })
    expect(Math.max(...batches.map(({ records }) => records.length))).toBeLessThanOrEqual(100)
    expect(batches.some(({ lost }) => lost > 0)).toBe(true)
  })
})
