import type { ServerResponse } from 'node:http'
import type { MeshObserver } from '../../inspection/observer/observer'
import type { TapRecord } from '../../inspection/records'
import { MeshWatch, PERIOD_MS } from '../live/mesh-watch'
import { RefusedTaps } from '../live/refused-taps'
import { servicesOf } from './services'

/** Pages that look at a time. */
const MAX_PAGES = 8
/** What may wait for a page that does not read: then it is closed, and asks again. In bytes. */
const MAX_UNREAD = 4 * 1024 * 1024
/** Records are told together, and no more than so many: nobody reads more, and the rest is counted. */
const GATHER_MS = 200
const MAX_RECORDS = 100

/** Tells pages what happens on the mesh, while there is one that looks. */
export class LiveFeed {
  private readonly pages = new Set<ServerResponse>()
  private readonly watch: MeshWatch
  private readonly timers = new Set<NodeJS.Timeout>()
  private records: Array<TapRecord & { readonly by: string }> = []
  private lost = 0
  /** What was told last, as JSON: it is told again when it has changed, or another page looks. */
  private services = ''
  private refusing = ''
  private readonly refused: RefusedTaps
  /** Rounds of questions that are not answered yet. */
  private asking = 0
  private endTap: (() => void) | undefined

  constructor (private readonly observer: MeshObserver) {
    this.watch = new MeshWatch(observer)
    this.refused = new RefusedTaps(observer)
  }

  /**
   * A page looks, until its connection ends.
   *
   * @param greeting - what only this page needs to know
   * @returns false where too many look
   */
  add (page: ServerResponse, greeting: object): boolean {
    if (this.pages.size >= MAX_PAGES) return false
    page.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' })
    page.once('close', () => this.remove(page))
    page.on('error', () => {})
    this.pages.add(page)
    this.write(page, 'greeting', greeting)
    this.services = this.refusing = ''
    this.tellMesh()
    if (this.pages.size === 1) this.begin()
    return true
  }

  /** Ends all of them. */
  close (): void {
    for (const page of this.pages) page.destroy()
    this.end()
  }

  private begin (): void {
    const { observer } = this
    const names = new Map<string, string>()
    const nameOf = (id: string): string => {
      const name = observer.nodes.find(node => node.id === id)?.name ?? names.get(id) ?? id
      names.set(id, name)
      return name
    }
    this.endTap = observer.tap({}, {
      onRecords: (id, records) => {
        const by = nameOf(id)
        for (const record of records) {
          if (this.records.length < MAX_RECORDS) this.records.push({ ...record, by })
          else this.lost++
        }
      },
      onLost: (_id, count) => { this.lost += count },
      onOpened: id => this.refused.delete(id),
      onRefused: (id, error) => { this.refused.add(id, error) }
    })
    this.timers.add(setInterval(() => this.tellRecords(), GATHER_MS))
    this.timers.add(setInterval(() => this.ask(), PERIOD_MS))
    this.ask()
  }

  private ask (): void {
    // A node that does not answer keeps nobody waiting.
    if (this.asking > 0) this.tellMesh()
    this.asking++
    void this.watch.ask().then(() => {
      this.asking--
      this.tellMesh()
    })
  }

  private end (): void {
    for (const timer of this.timers) clearInterval(timer)
    this.timers.clear()
    this.endTap?.()
    this.endTap = undefined
  }

  private remove (page: ServerResponse): void {
    this.pages.delete(page)
    if (this.pages.size === 0) this.end()
  }

  private tellMesh (): void {
    const services = JSON.stringify(servicesOf(this.observer.nodes))
    if (services !== this.services) {
      this.services = services
      this.tell('services', JSON.parse(services))
    }
    const refusing = JSON.stringify(this.refused.all)
    if (refusing !== this.refusing) {
      this.refusing = refusing
      this.tell('refusing', JSON.parse(refusing))
    }
    this.tell('picture', this.watch.picture)
  }

  private tellRecords (): void {
    const { records, lost } = this
    if (records.length === 0 && lost === 0) return
    this.records = []
    this.lost = 0
    this.tell('records', { records, lost })
  }

  private tell (event: string, data: unknown): void {
    for (const page of this.pages) this.write(page, event, data)
  }

  private write (page: ServerResponse, event: string, data: unknown): void {
    if (page.writableLength > MAX_UNREAD) page.destroy()
    else page.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`)
  }
}
