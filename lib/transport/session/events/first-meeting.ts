import type { EarlierEvents } from './event-counts'

/**
 * When this node met a peer, and which of its paths it has subscribed to since. Listeners that were there before missed
 * what the peer published before they could subscribe.
 */
export class FirstMeeting {
  private readonly paths = new Set<string>()

  /** @param metAt - when that was, as `performance.now()` gives it. @default now */
  constructor (private readonly metAt = performance.now()) {}

  /** The peer knows that this node wants the events of these paths. */
  add (paths: Iterable<string>): void {
    for (const path of paths) this.paths.add(path)
  }

  /**
   * How many events of a path were missed.
   *
   * @param since - since when there are listeners, as `performance.now()` gives it; undefined where that is not known
   * @param earlier - what the peer published before
   */
  missed (path: string, since: number | undefined, earlier: EarlierEvents | undefined): number {
    if (earlier === undefined || since === undefined || this.paths.has(path)) return 0
    return since < this.metAt && earlier.ageMs < performance.now() - since ? earlier.count : 0
  }
}
