import { io } from '/socket.io/socket.io.esm.min.js'

// Longer than the gateway's timeout, because the error of the gateway has more details than ours.
const callTimeout = 10_000
const answersShown = 20
const eventsShown = 50

const socket = io()
const byId = id => document.getElementById(id)

/** Creates an element. Children that are strings become text, never markup. */
function element (name, properties = {}, ...children) {
  const { data = {}, ...rest } = properties
  const made = Object.assign(document.createElement(name), rest)
  Object.assign(made.dataset, data)
  made.append(...children)
  return made
}

const badge = replica => element('span', { className: 'badge', data: { replica: replica ?? 'none' } }, replica ?? '!')

/** A disabled button would lose the keyboard focus, so mark it instead, and ignore clicks. */
function button (text, label, act) {
  const made = element('button', { type: 'button', ariaLabel: label }, text)
  made.addEventListener('click', () => { if (made.ariaDisabled !== 'true') act() })
  return made
}

// Calls

const counts = { answered: 0, refused: 0, failed: 0 }

/** Calls a method of the todos through the gateway, and shows which replica answered. */
async function call (method, ...args) {
  const began = performance.now()
  const waiting = setTimeout(() => { byId('answer-last').textContent = `Waiting for an answer to ${method}…` }, 300)
  try {
    const result = await send(method, args)
    const time = (performance.now() - began).toFixed(1)
    showAnswer('answered', `${result.replica} answered ${method} in ${time} ms`, result.replica)
    return result
  } catch (error) {
    // A replica that rejects bad data has answered. All other errors mean that no replica answered.
    if (error.code < 500) showAnswer('refused', `${method} was refused`)
    else showAnswer('failed', `${method} failed`)
    throw error
  } finally {
    clearTimeout(waiting)
  }
}

function send (method, args) {
  return new Promise((resolve, reject) => {
    socket.timeout(callTimeout).emit(method, 'todos', ...args, (late, error, result) => {
      if (late) reject(new Error('The gateway did not answer.'))
      else if (error) reject(error)
      else resolve(result)
    })
  })
}

function showAnswer (outcome, text, replica) {
  counts[outcome]++
  byId('answers').prepend(element('li', { title: text }, badge(replica)))
  if (byId('answers').childElementCount > answersShown) byId('answers').lastChild.remove()
  byId('answer-last').replaceChildren(badge(replica), text)
  byId('answers-count').textContent = Object.entries(counts).map(([name, count]) => `${count} ${name}`).join(', ')
}

// Problems

/** Runs an action of the user, and shows its error on the page. */
async function attempt (what, act) {
  try {
    const result = await act()
    byId('problem').hidden = true
    return result
  } catch (error) {
    byId('problem-text').textContent = `${what}: ${error.message}`
    byId('problem').hidden = false
    return undefined
  }
}

byId('problem-close').addEventListener('click', () => {
  byId('problem').hidden = true
  byId('title').focus()
})

// Todos

const todos = new Map()
let changes = 0
let loaded = false
let loading = false

/** Fetches the list, and again if an event arrived meanwhile, because the list may be older than the event. */
async function load () {
  let seen
  let list
  do {
    seen = changes
    list = await call('find', {})
  } while (seen !== changes)
  const ids = new Set(list.data.map(todo => todo.id))
  for (const id of todos.keys()) if (!ids.has(id)) drop(id)
  for (const todo of list.data) put(todo)
  countTodos()
  return list
}

async function reload () {
  if (loading) return
  loading = true
  loaded = await attempt('The list could not be loaded', load) !== undefined
  loading = false
}

function put (todo) {
  let item = todos.get(todo.id)
  if (!item) {
    item = todoItem(todo)
    todos.set(todo.id, item)
    byId('todos').append(item)
  }
  if (todo.done && item.dataset.done !== 'true') markDone(item)
  countTodos()
}

function todoItem ({ id, title }) {
  return element('li', { data: { id, done: false } },
    element('span', { className: 'text' },
      element('span', { className: 'number' }, `#${id}`), element('span', { className: 'title' }, title)),
    element('span', { className: 'actions' },
      button('Complete', `Complete: ${title}`, () => attempt('Not completed', () => call('complete', { id }, {}))),
      button('Remove', `Remove: ${title}`, () => attempt('Not removed', () => call('remove', id, {}))))
  )
}

function markDone (item) {
  const [complete, remove] = item.querySelectorAll('button')
  item.dataset.done = true
  if (complete === document.activeElement) remove.focus()
  complete.replaceWith(element('span', { className: 'mark' }, '✓ done'))
}

function drop (id) {
  const item = todos.get(id)
  if (!item) return
  const next = item.nextElementSibling ?? item.previousElementSibling
  if (item.contains(document.activeElement)) (next?.querySelector('button:last-of-type') ?? byId('title')).focus()
  item.remove()
  todos.delete(id)
  countTodos()
}

function countTodos () {
  const open = [...todos.values()].filter(item => item.dataset.done !== 'true').length
  byId('todos-count').textContent = `${open} open, ${todos.size - open} done`
  byId('todos-empty').hidden = todos.size > 0
}

byId('add').addEventListener('submit', async event => {
  event.preventDefault()
  const input = byId('title')
  const added = await attempt('Not added', () => call('create', { title: input.value }, {}))
  input.ariaInvalid = String(!added)
  if (added) input.value = ''
  input.focus()
})

// Events

const onEvent = { created: put, completed: put, removed: ({ id }) => drop(id) }

for (const [name, apply] of Object.entries(onEvent)) {
  socket.on(`todos ${name}`, todo => {
    changes++
    apply(todo)
    showEvent(name, todo)
  })
}

function showEvent (name, todo) {
  const events = byId('events')
  events.prepend(element('li', { data: { event: name } },
    element('time', {}, new Date().toLocaleTimeString()),
    element('span', { className: 'text' }, element('strong', {}, name), ` #${todo.id} ${todo.title}`),
    badge(todo.replica)
  ))
  if (events.childElementCount > eventsShown) events.lastChild.remove()
  byId('events-empty').hidden = true
}

// Replicas

const replicas = new Map()
const allowed = { running: ['stop', 'kill'], starting: ['stop', 'kill'], stopping: ['kill'], stopped: ['start'] }

socket.on('replicas', list => {
  byId('replicas-control').hidden = list === null
  byId('replicas-alone').hidden = list !== null
  if (list === null) return
  list.forEach(showReplica)
  if (!loaded && list.some(({ state }) => state === 'running')) reload()
})

function showReplica ({ name, state, pid }) {
  if (!replicas.has(name)) {
    const item = replicaItem(name)
    replicas.set(name, item)
    byId('replicas').append(item)
  }
  const item = replicas.get(name)
  item.dataset.state = state
  item.querySelector('.state').replaceChildren(state, element('span', { className: 'count' }, pid ? `pid ${pid}` : ''))
  for (const made of item.querySelectorAll('button')) {
    made.ariaDisabled = String(!allowed[state].includes(made.dataset.action))
  }
}

function replicaItem (name) {
  const actions = ['Stop', 'Kill', 'Start'].map(text => {
    const made = button(text, `${text} replica ${name}`, () => attempt(`Replica ${name}`, () => act(name, text.toLowerCase())))
    made.dataset.action = text.toLowerCase()
    return made
  })
  return element('li', { data: { replica: name } },
    badge(name),
    element('span', { className: 'state', ariaLive: 'polite' }),
    element('span', { className: 'actions' }, ...actions)
  )
}

async function act (name, action) {
  const response = await fetch(`/replicas/${name}/${action}`, { method: 'POST', headers: { accept: 'application/json' } })
  if (!response.ok) throw await response.json()
}

// Connection

function showConnection (state, text) {
  byId('connection').dataset.state = state
  byId('connection').textContent = text
}

socket.on('connect', () => {
  showConnection('connected', 'Connected to the gateway')
  reload()
})
socket.on('disconnect', () => {
  loaded = false
  showConnection('lost', 'The gateway is gone. Trying again…')
})
socket.on('connect_error', () => showConnection('lost', 'The gateway does not answer. Trying again…'))

let calling
let underWay = false

async function callOnce () {
  if (underWay || !socket.connected) return
  underWay = true
  await call('find', {}).catch(() => {}) // Counted already; there is nothing else to show.
  underWay = false
}

byId('keep-calling').addEventListener('change', ({ target }) => {
  clearInterval(calling)
  if (target.checked) calling = setInterval(callOnce, 250)
})
