/** The map: nodes on the left, services on the right, and a line for what each node hosts, and calls. */

import { drawn } from './dom.js'

const ROW = 24
const MAX_DRAWN = 60
const LEFT = 250
const RIGHT = 450
const WIDTH = 700
const MAX_TEXT = 36

/** Draws the map anew, where it has changed. */
export function drawMap (svg, nodes) {
  const shownNodes = nodes.slice(0, MAX_DRAWN)
  const paths = [...new Set(shownNodes.flatMap(({ services, calls }) => [...services, ...calls]))].sort()
    .slice(0, MAX_DRAWN)
  const drawing = JSON.stringify([shownNodes.map(({ id, name, state, services, calls }) =>
    [id, name, state, services, calls]), paths])
  if (svg.drawing === drawing) return
  svg.drawing = drawing
  const height = Math.max(shownNodes.length, paths.length, 1) * ROW
  svg.setAttribute('viewBox', `0 0 ${WIDTH} ${height}`)
  svg.replaceChildren(...linesOf(shownNodes, paths), ...shownNodes.flatMap(nodeAt), ...paths.flatMap(serviceAt))
}

const middleOf = row => row * ROW + ROW / 2
const cut = text => text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT - 1)}…` : text

function linesOf (nodes, paths) {
  return nodes.flatMap(({ services, calls }, row) => {
    const to = (kind, path) => {
      const [from, end] = [middleOf(row), middleOf(paths.indexOf(path))]
      const shift = kind === 'calls' ? 3 : 0
      return drawn('path', {
        class: kind, d: `M ${LEFT + 8} ${from + shift} C 350 ${from} 350 ${end} ${RIGHT - 8} ${end + shift}`
      })
    }
    const drawable = list => list.filter(path => paths.includes(path))
    return [
      ...drawable(services).map(path => to('hosts', path)), ...drawable(calls).map(path => to('calls', path))
    ]
  })
}

function nodeAt ({ name, state }, row) {
  return [
    drawn('circle', { class: state, cx: LEFT, cy: middleOf(row), r: 5 }),
    drawn('text', { x: LEFT - 12, y: middleOf(row) + 4, 'text-anchor': 'end' }, cut(name))
  ]
}

function serviceAt (path, row) {
  return [
    drawn('rect', { x: RIGHT - 5, y: middleOf(row) - 5, width: 10, height: 10 }),
    drawn('text', { x: RIGHT + 12, y: middleOf(row) + 4 }, cut(path))
  ]
}
