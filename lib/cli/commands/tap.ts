import type { MeshObserver } from '../../inspection/observer/observer'
import { TAP_SIDES, type TapRecord, type TapSide } from '../../inspection/records'
import { printable } from '../../printable'
import { readNumber, WrongUsage, type Asked } from '../arguments'
import { listen } from '../connect'
import { RefusedTaps } from '../live/refused-taps'
import type { Output, Write } from '../output'
import { NOBODY_HEARD, notReached } from './nodes'

/** What stands for each side in a line. */
const SIGNS: Readonly<Record<TapSide, string>> = { served: '<-', called: '->', sent: '>>', received: '<<' }

/** Characters of a warning: peers choose what is in it. */
const WARNING_LENGTH = 2_000

/** Where a tap writes, and what ends it. */
export interface TapTerms {
  readonly output: Output
  readonly warn: Write
  readonly signal: AbortSignal
}

/** Shows calls and events until the signal ends it. @throws WrongUsage */
export async function showTap (
  observer: MeshObserver, { words: [path], values }: Asked, { output, warn, signal }: TapTerms
): Promise<void> {
  const sides = readSides(values.sides)
  let left = readNumber('count', values.count, Infinity)
  const names = new Map<string, string>()
  const nameOf = (id: string): string => {
    const name = observer.nodes.find(node => node.id === id)?.name ?? names.get(id) ?? id
    names.set(id, name)
    return name
  }
  const refused = new RefusedTaps(observer)
  const tell = (text: string): void => warn(`${printable(`feathers-mesh: ${text}`, WARNING_LENGTH)}\n`)
  await new Promise<void>(resolve => {
    const options = { ...path === undefined ? {} : { path }, sides, payloads: values.payloads === true }
    const end = observer.tap(options, {
      onRecords (id, records) {
        for (const record of records.slice(0, left)) show(output, nameOf(id), record)
        left -= records.length
        if (left <= 0) finish()
      },
      onLost: (id, count) => tell(`${count} more records of ${nameOf(id)} were not told`),
      onOpened: id => refused.delete(id),
      onRefused: (id, error) => {
        const why = refused.add(id, error)
        if (why !== undefined) tell(`no tap of ${nameOf(id)}: ${why}`)
      }
    })
    let isFinished = false
    const finish = (): void => {
      isFinished = true
      end()
      resolve()
    }
    void tellSilence(observer, tell, () => isFinished)
    if (signal.aborted) finish()
    else signal.addEventListener('abort', finish, { once: true })
  })
}

/** Tells that there is nobody to tap. Nodes may yet come, so it goes on. */
async function tellSilence (
  observer: MeshObserver, tell: (text: string) => void, isFinished: () => boolean
): Promise<void> {
  await listen(observer, isFinished)
  if (isFinished() || observer.nodes.length > 0) return
  tell(`${NOBODY_HEARD}; waiting for one`)
  for (const unseen of observer.unreachable) tell(notReached(unseen))
}

function readSides (text: string | undefined): TapSide[] {
  const words = text?.split(',') ?? [...TAP_SIDES]
  const unknown = words.find(word => TAP_SIDES.every(side => side !== word))
  if (unknown !== undefined) throw new WrongUsage(`--sides takes some of ${TAP_SIDES.join(',')}, and not '${unknown}'`)
  return TAP_SIDES.filter(side => words.includes(side))
}

function show (output: Output, node: string, record: TapRecord): void {
  if (output.isJson) return output.json({ by: node, ...record })
  const { side, at, path, name, ms, bytes, outcome, payload } = record
  const time = new Date(at).toISOString().slice(11, 23)
  const parts = [time, node, SIGNS[side], `${path} ${name}`, outcome, unit(ms, 'ms'), unit(bytes, 'bytes'), payload]
  output.line(parts.filter(part => part !== undefined).join('  '))
}

function unit (figure: number | undefined, name: string): string | undefined {
  return figure === undefined ? undefined : `${figure} ${name}`
}
