/** Calls and events as they pass, the latest ones first. */

import { byId, element } from './dom.js'

const MAX_LINES = 200
const SIGNS = { served: '<-', called: '->', sent: '>>', received: '<<' }

let lines = []
let lost = 0
let isPaused = false
let isPlanned = false

/** Takes what passed. What is not shown is counted. */
export function passed (batch) {
  lost += batch.lost
  if (!isPaused) lines = [...batch.records.map(lineOf).reverse(), ...lines].slice(0, MAX_LINES)
  plan()
}

/** Makes the controls work. */
export function followControls () {
  byId('filter').addEventListener('input', plan)
  byId('pause').addEventListener('click', () => {
    isPaused = !isPaused
    byId('pause').setAttribute('aria-pressed', String(isPaused))
    byId('pause').textContent = isPaused ? 'Go on' : 'Pause'
  })
}

function lineOf ({ at, by, side, path, name, outcome, ms, bytes }) {
  const parts = [
    new Date(at).toISOString().slice(11, 23), by, SIGNS[side], `${path} ${name}`, outcome,
    ms === undefined ? undefined : `${ms} ms`, bytes === undefined ? undefined : `${bytes} bytes`
  ]
  return { text: parts.filter(part => part !== undefined).join('  '), isFailed: outcome !== undefined && outcome !== 'ok' }
}

function plan () {
  if (isPlanned) return
  isPlanned = true
  requestAnimationFrame(() => {
    isPlanned = false
    show()
  })
}

function show () {
  const wanted = byId('filter').value
  const shown = lines.filter(({ text }) => text.includes(wanted))
  byId('passing').replaceChildren(...shown.map(({ text, isFailed }) =>
    element('div', isFailed ? { class: 'failed' } : {}, text)))
  byId('lost').textContent = lost === 0 ? '' : `${lost} more passed than are shown`
}
