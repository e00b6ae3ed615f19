import type { Medium, Origin, PacketWay, WayContext } from './way'

/** What all ways of a node get alike. */
export interface MediaContext extends Omit<WayContext, 'receive' | 'hellos' | 'onUp'> {
  readonly receive: (bytes: Buffer, origin: Origin) => void
  /** The hellos of this node as they go by a way. */
  readonly hellos: (way: number) => readonly Buffer[]
  /** A way carries packets, at first or again. */
  readonly onUp: (way: number) => void
}

/** The ways of a node that are open. */
export class Media {
  private constructor (readonly all: readonly Medium[]) {}

  /**
   * Opens all ways, or none: the first one that can't be opened closes the others. A server that is away is none of
   * those; a port that is taken is one, as nobody would notice otherwise that the node is found in part.
   */
  static async open (ways: readonly PacketWay[], context: MediaContext): Promise<Media> {
    const opened: Medium[] = []
    try {
      for (const [number, way] of ways.entries()) {
        const { isConnected } = way
        opened.push(await way.open({
          ...context,
          receive: (bytes, address, broker) => {
            context.receive(bytes, { address, broker, isConnected, way: number })
          },
          hellos: () => context.hellos(number),
          onUp: () => context.onUp(number)
        }))
      }
    } catch (error) {
      await Promise.all(opened.map(async medium => await medium.close()))
      throw error
    }
    return new Media(opened)
  }

  /** Whether a way carries packets now. */
  isUp (way: number): boolean {
    return this.all[way]?.isUp === true
  }

  /** Closes all of them. */
  async close (): Promise<void> {
    await Promise.all(this.all.map(async medium => await medium.close()))
  }
}
