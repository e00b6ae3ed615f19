import { titleOf, type SystemName } from '../systems/systems'
import { systemsOf } from './figure-table'
import type { RunFigures } from './results'
import { medianOf, short } from './statistics'

interface Panel {
  readonly figure: string
  readonly title: string
}

const PANELS: readonly Panel[] = [
  { figure: 'calls-1 rate', title: 'calls/s, one at a time' },
  { figure: 'calls-128 rate', title: 'calls/s, 128 in flight' },
  { figure: 'calls-512 rate', title: 'calls/s, 512 in flight' },
  { figure: 'events-1 rate', title: 'events/s, one subscriber' },
  { figure: 'result-1m rate', title: '1 MB results/s' },
  { figure: 'first-call caller second', title: 'first call after a start, ms (less is better)' }
]

const COLUMNS = 2
const WIDTH = 430
const LABEL = 150
const VALUE = 56
const BAR = 15
const LINE = 20
const HEAD = 34
const GAP = 16

const STYLE = `
  text { font: 12px system-ui, sans-serif; fill: #24292f }
  .title { font-weight: 600 }
  .ours { fill: #1a7f37 }
  .peer { fill: #8c959f }
  .limit { fill: #54aeff }
  @media (prefers-color-scheme: dark) { text { fill: #d0d7de } .ours { fill: #3fb950 } .peer { fill: #6e7681 } }`

const classOf = (system: SystemName): string =>
  system.startsWith('ours') ? 'ours' : system === 'bare' ? 'limit' : 'peer'

/** Bars for each of some measurements; undefined when one of them is missing. */
export function chart (figures: RunFigures): string | undefined {
  const systems = systemsOf(figures)
  const panels = PANELS.filter(({ figure }) => systems.some(system => medianOf(figures, system, figure) > 0))
  if (panels.length < PANELS.length) return undefined
  const height = HEAD + systems.length * LINE + GAP
  const drawn = panels.map((panel, n) => {
    const [x, y] = [n % COLUMNS * (WIDTH + GAP), Math.floor(n / COLUMNS) * height]
    return `<g transform="translate(${x} ${y})">\n${draw(figures, systems, panel)}\n</g>`
  })
  const size = [COLUMNS * (WIDTH + GAP), Math.ceil(panels.length / COLUMNS) * height]
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size.join(' ')}" width="${size[0]}" height="${size[1]}">
<style>${STYLE}
</style>
${drawn.join('\n')}
</svg>
`
}

function draw (figures: RunFigures, systems: readonly SystemName[], { figure, title }: Panel): string {
  const values = systems.map(system => medianOf(figures, system, figure))
  const most = Math.max(...values.filter(value => !Number.isNaN(value)))
  const bars = systems.map((system, n) => {
    const [value = NaN, y] = [values[n], HEAD + n * LINE]
    const baseline = y + BAR - 3
    const label = `<text x="${LABEL - 6}" y="${baseline}" text-anchor="end">${titleOf(system)}</text>`
    if (Number.isNaN(value)) return `${label}<text x="${LABEL}" y="${baseline}">–</text>`
    const width = Math.max(1, value / most * (WIDTH - LABEL - VALUE))
    const bar = `<rect class="${classOf(system)}" x="${LABEL}" y="${y}" width="${width.toFixed(1)}" height="${BAR}" rx="2"/>`
    return `${label}${bar}<text x="${(LABEL + width + 5).toFixed(1)}" y="${baseline}">${short(value)}</text>`
  })
  return [`<text class="title" x="0" y="20">${title}</text>`, ...bars].join('\n')
}
