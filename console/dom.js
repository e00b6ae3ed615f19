/** The page, element by element: all text of the mesh is set as text, and never as markup. */

const SVG = 'http://www.w3.org/2000/svg'

/** The element with an id. */
export const byId = id => document.getElementById(id)

/** An element with a text, and attributes. */
export function element (name, attributes = {}, text = '') {
  return withAttributes(document.createElement(name), attributes, text)
}

/** The same of a drawing. */
export function drawn (name, attributes = {}, text = '') {
  return withAttributes(document.createElementNS(SVG, name), attributes, text)
}

function withAttributes (made, attributes, text) {
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value)
  if (text !== '') made.textContent = text
  return made
}

/**
 * Shows items as rows of a table. A row stays the element that it is while its item is there, so that a keyboard that
 * is in it stays there, too.
 *
 * @param cellsOf - the cells of an item: a text, a figure, or `{ text, kind, press }`; `press` makes it a button
 */
export function showRows (body, items, keyOf, cellsOf) {
  const rows = body.rowsByKey ??= new Map()
  const gone = new Set(rows.keys())
  items.forEach((item, place) => {
    const key = keyOf(item)
    gone.delete(key)
    const row = rows.get(key) ?? element('tr')
    rows.set(key, row)
    if (body.children[place] !== row) body.insertBefore(row, body.children[place] ?? null)
    cellsOf(item).forEach((cell, column) => showCell(row, column, cell))
  })
  for (const key of gone) {
    rows.get(key).remove()
    rows.delete(key)
  }
}

function showCell (row, column, cell) {
  const { text, kind = '', press } = typeof cell === 'object' ? cell : { text: cell }
  const shown = String(text ?? '-')
  const place = row.children[column] ?? row.appendChild(element('td'))
  if (place.className !== kind) place.className = kind
  const holder = press === undefined ? place : place.querySelector('button') ?? place.appendChild(button(press))
  if (holder.textContent !== shown) holder.textContent = shown
}

function button (press) {
  const made = element('button', { type: 'button', class: 'plain' })
  made.addEventListener('click', () => press(made.textContent))
  return made
}
