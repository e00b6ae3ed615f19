import { randomUUID } from 'node:crypto'
import { meshNow } from '../../../clock'
import { Announcer, type AnnouncerOptions, type OwnNames } from './announcer'
import type { HelloSeal } from './hello-seal'
import type { Advertisement } from './hello'
import type { Medium } from './way'

/** What stands for the command line of a process in cote's format; peers need none, and it may hold passwords. */
const PROCESS_COMMAND = 'feathers-mesh'

/** The hellos of this node, one for each of its components, by each way that is open. */
export class OwnHellos {
  private readonly components = new Map<string, Advertisement>()
  /** Whether this node has said goodbye: whatever it said later would bring it back. */
  private isGone = false
  private announcers: readonly Announcer[] = []
  /** The components that were there before these, and are not said by them yet. */
  private unsaid = new Set<string>()
  private readonly processId = randomUUID()
  /** When all components were last said together; never, after a change. */
  private saidAt = -Infinity

  /** @param now - the mesh clock, which each hello tells */
  constructor (
    private readonly seal: HelloSeal,
    private readonly names: OwnNames & Pick<AnnouncerOptions, 'log' | 'onUnsaid' | 'tellsLists'>,
    private readonly now = meshNow
  ) {}

  /** Sends them by these from now on. */
  use (media: readonly Medium[]): void {
    const { seal, now, processId, names } = this
    const sender = { processId, processCommand: PROCESS_COMMAND }
    this.announcers = media.map(medium => new Announcer(medium, { ...names, seal, sender, now }))
    this.unsaid = new Set(this.components.keys())
  }

  /** Whether a packet with this id is one of this node itself. */
  has (iid: string): boolean {
    return this.components.has(iid)
  }

  /** Remembers a component, or its change, and announces it. */
  async advertise (iid: string, advertisement: Advertisement): Promise<void> {
    if (this.isGone) return
    this.components.set(iid, advertisement)
    this.unsaid.delete(iid)
    // The hello of a change may get lost as well.
    this.saidAt = -Infinity
    await this.say(iid, advertisement)
  }

  /** Says all components again to whoever may not have heard them, or is new: by each way that may lose packets. */
  async repeat (): Promise<void> {
    this.saidAt = performance.now()
    await this.sayBy(this.announcers.filter(({ isConnected }) => !isConnected))
  }

  /** Does the same, unless they were said within the last `withinMs` milliseconds. */
  async repeatUnlessSaid (withinMs: number): Promise<void> {
    if (performance.now() - this.saidAt > withinMs) await this.repeat()
  }

  /** The hellos of all components as they go by a way, for one node. */
  of (way: number): readonly Buffer[] {
    return this.write(way, [...this.components])
  }

  /** The same as answers to a node, which need not answer in turn. */
  answersOf (way: number): readonly Buffer[] {
    return this.write(way, [...this.components].map(([iid, advertisement]) => [iid, asAnswer(advertisement)]))
  }

  /** Announces all components. */
  async sayAll (): Promise<void> {
    this.saidAt = performance.now()
    await this.sayBy(this.announcers)
  }

  /** Announces those components that were not announced yet. */
  async sayUnsaid (): Promise<void> {
    await this.sayBy(this.announcers, [...this.components].filter(([iid]) => this.unsaid.has(iid)))
  }

  /** Sends the hello of one component. */
  async say (iid: string, advertisement: Advertisement): Promise<void> {
    if (this.isGone) return
    await Promise.all(this.announcers.map(async announcer => await announcer.say(iid, advertisement)))
  }

  /** Withdraws all components. Resolves when the packets have left. */
  async goodbye (): Promise<void> {
    const iids = [...this.components.keys()]
    this.isGone = true
    this.components.clear()
    await Promise.all(this.announcers.map(async announcer => await announcer.goodbye(iids)))
  }

  private write (way: number, components: ReadonlyArray<[string, Advertisement]>): readonly Buffer[] {
    const announcer = this.announcers[way]
    return components.flatMap(([iid, advertisement]) => announcer?.hello(iid, advertisement) ?? [])
  }

  private async sayBy (announcers: readonly Announcer[], components = [...this.components]): Promise<void> {
    await Promise.all(components.flatMap(([iid, advertisement]) => {
      return announcers.map(async announcer => await announcer.say(iid, advertisement))
    }))
  }
}

function asAnswer ({ mesh, ...advertisement }: Advertisement): Advertisement {
  return { ...advertisement, ...mesh === undefined ? {} : { mesh: { ...mesh, answer: true } } }
}
