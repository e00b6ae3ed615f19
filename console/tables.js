/** The tables: nodes, methods, services with their contracts, refusals, and who can't see whom. */

import { byId, element, showRows } from './dom.js'

const STATES = { answers: 'answers', silent: 'silent', closed: 'answers no questions' }

const failing = figure => ({ text: figure, kind: figure > 0 ? 'failed' : '' })

/** Shows what the nodes of a mesh are and do. */
export function showPicture ({ nodes, methods, unseen }) {
  showRows(byId('nodes'), nodes, ({ id }) => id, node => [
    node.name, { text: STATES[node.state], kind: node.state }, node.key, node.address, node.version,
    durationOf(node.uptimeMs), node.callsPerSecond, failing(node.errorsPerSecond), node.inFlight, node.waiting, node.p99,
    node.eventsPerSecond
  ])
  showRows(byId('methods'), methods, ({ path, method }) => JSON.stringify([path, method]), each => [
    `${each.path}.${each.method}`, each.nodes, each.callsPerSecond, failing(each.errorsPerSecond), each.inFlight,
    each.p50, each.p95, each.p99
  ])
  showRows(byId('unseen'), unseen, each => JSON.stringify([each.by, each.address, each.name, each.reason]), each => [
    each.name ?? each.address, each.by ?? 'this page', { text: each.reason, kind: 'text' }
  ])
  byId('all-seen').hidden = unseen.length > 0
  const refused = nodes.flatMap(({ id, name, refusals }) =>
    Object.entries(refusals).map(([reason, times]) => ({ id, name, reason, times })))
  showRows(byId('refusals'), refused, ({ id, reason }) => `${id} ${reason}`, each => [each.name, each.reason, each.times])
  byId('none-refused').hidden = refused.length > 0
}

/** Shows which nodes don't tell what passes them, and why. */
export function showRefusing (refusing) {
  showRows(byId('refusing'), refusing, JSON.stringify, ({ node, why }) => [node, { text: why, kind: 'text' }])
  byId('refusing-part').hidden = refusing.length === 0
}

/** Shows the services, of which each opens its contract. */
export function showServices (services) {
  showRows(byId('services'), services, JSON.stringify, service => [
    { text: service.path, press: () => showContract(service) }, service.version,
    { text: service.nodes.join(', '), kind: 'text' }, service.methods.length, service.events.length
  ])
}

/** Shows what a service offers, with the types of its values as far as its contract tells them. */
function showContract ({ path, version, methods, events, nodes }) {
  const head = element('tr')
  head.append(...['Method', 'May be repeated', 'Time ms', 'Id', 'Data', 'Query', 'Result'].map(text => element('th', {}, text)))
  const rows = methods.map(({ name, idempotent, timeout, shapes = {} }) => {
    const row = element('tr')
    const cells = [
      name, idempotent ? 'yes' : 'no', timeout ?? '-', shapes.id ?? '-', shapes.data ?? '-', shapes.query ?? '-',
      shapes.result ?? '-'
    ]
    row.append(...cells.map(text => element('td', {}, String(text))))
    return row
  })
  const table = element('table')
  table.append(head, ...rows)
  const scroll = element('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': `Contract of ${path}` })
  scroll.append(table)
  byId('contract').replaceChildren(
    element('h3', {}, `${path}${version === undefined ? '' : `, version ${version}`}`),
    element('p', {}, `On ${nodes.join(', ')}. Types of ids, data and queries are short hashes of their shapes.`),
    scroll, element('p', {}, `Events: ${events.join(', ')}`)
  )
}

function durationOf (ms) {
  if (ms === undefined) return undefined
  const seconds = Math.floor(ms / 1000)
  if (seconds < 120) return `${seconds} s`
  return seconds < 7200 ? `${Math.floor(seconds / 60)} min` : `${Math.floor(seconds / 3600)} h`
}
