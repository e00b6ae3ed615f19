import type { MeshObserver } from '../../inspection/observer/observer'
import { readNumber, type Asked } from '../arguments'
import { listen } from '../connect'
import { MeshWatch, PERIOD_MS } from '../live/mesh-watch'
import type { MeshPicture, MethodPicture, NodePicture } from '../live/picture'
import { tableLines, type Output, type Write } from '../output'
import { Screen, type Terminal } from '../terminal'
import { durationOf } from './nodes'

/** Keys that end it: a terminal that tells keys tells Ctrl-C as one. */
const END_KEYS = ['q', 'Q', '\u0003', '\u001b']

const NODE_COLUMNS = [
  'NODE', 'KEY', 'ADDRESS', 'UP', 'SERVICES', 'CALLS/S', 'ERRORS/S', 'IN FLIGHT', 'WAITING', 'P99 MS', 'EVENTS/S',
  'REFUSED'
]
const METHOD_COLUMNS = ['METHOD', 'NODES', 'CALLS/S', 'ERRORS/S', 'IN FLIGHT', 'P50 MS', 'P95 MS', 'P99 MS']

/** Where the table is shown, and what ends it. */
export interface WatchTerms {
  readonly output: Output
  readonly out: Write
  readonly signal: AbortSignal
  /** Undefined where nobody looks: then each table comes after the other. */
  readonly terminal?: Terminal
}

/** Shows the mesh until somebody ends it, or so many times as `--count` tells. @throws WrongUsage */
export async function showWatch (observer: MeshObserver, { values }: Asked, terms: WatchTerms): Promise<void> {
  const { output, out, terminal } = terms
  const count = readNumber('count', values.count, Infinity)
  const watch = new MeshWatch(observer)
  await listen(observer)
  const end = new Ending(terms)
  const screen = terminal === undefined || output.isJson ? undefined : new Screen(terminal, out)
  try {
    // Figures by the second need two answers.
    void watch.ask()
    await end.pause()
    for (let shown = 0; shown < count && !end.hasCome; shown++) {
      if (shown > 0) await end.pause()
      await Promise.race([watch.ask(), end.pause()])
      if (!end.hasCome) show(watch.picture, { output, screen })
    }
  } finally {
    screen?.close()
    end.close()
  }
}

/** What ends the table: a key, or a signal. */
class Ending {
  hasCome = false
  private wake = (): void => {}
  private readonly come = (): void => {
    this.hasCome = true
    this.wake()
  }

  private readonly stopKeys: (() => void) | undefined

  constructor (private readonly terms: WatchTerms) {
    const { signal, terminal } = terms
    if (signal.aborted) this.hasCome = true
    signal.addEventListener('abort', this.come, { once: true })
    this.stopKeys = terminal?.onKey(key => { if (END_KEYS.includes(key)) this.come() })
  }

  /** Waits for the next round, or for the end. */
  async pause (): Promise<void> {
    if (this.hasCome) return
    await new Promise<void>(resolve => {
      const timer = setTimeout(resolve, PERIOD_MS)
      const before = this.wake
      this.wake = () => {
        clearTimeout(timer)
        before()
        resolve()
      }
    })
  }

  close (): void {
    this.terms.signal.removeEventListener('abort', this.come)
    this.stopKeys?.()
  }
}

function show (picture: MeshPicture, { output, screen }: { output: Output, screen: Screen | undefined }): void {
  if (output.isJson) return output.json(picture)
  const lines = linesOf(picture)
  if (screen !== undefined) return screen.show([...lines, '', 'q quits'])
  for (const line of [...lines, '']) output.line(line)
}

/** The tables of a mesh. */
function linesOf ({ at, nodes, methods, unseen }: MeshPicture): string[] {
  const time = new Date(at).toISOString().slice(11, 19)
  const count = nodes.length === 1 ? '1 node' : `${nodes.length} nodes`
  return [
    `${time} UTC, ${count}`,
    ...nodes.length === 0 ? [] : ['', ...tableLines(NODE_COLUMNS, nodes.map(nodeRow))],
    ...methods.length === 0 ? [] : ['', ...tableLines(METHOD_COLUMNS, methods.map(methodRow))],
    ...unseen.length === 0 ? [] : ['', ...tableLines(['NOT SEEN', 'BY', 'WHY'], unseen.map(
      ({ name, address, by = 'this command', reason }) => [name ?? address, by, reason]
    ))]
  ]
}

function nodeRow (node: NodePicture): string[] {
  const { name, key, address = '-', state, services, uptimeMs, refusals } = node
  const refused = Object.values(refusals).reduce((all, count) => all + count, 0)
  const up = state === 'silent' ? 'silent' : uptimeMs === undefined ? '-' : durationOf(uptimeMs)
  const figures = [
    node.callsPerSecond, node.errorsPerSecond, node.inFlight, node.waiting, node.p99, node.eventsPerSecond
  ]
  return [name, key, address, up, String(services.length), ...figures.map(figure => String(figure ?? '-')),
    state === 'closed' ? '-' : String(refused)]
}

function methodRow (figures: MethodPicture): string[] {
  const { path, method, nodes, callsPerSecond, errorsPerSecond, inFlight, p50, p95, p99 } = figures
  return [`${path}.${method}`, ...[nodes, callsPerSecond, errorsPerSecond, inFlight, p50, p95, p99]
    .map(figure => String(figure ?? '-'))]
}
