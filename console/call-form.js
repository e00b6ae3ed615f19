/** The form that calls a method: there only where the command allows it. */

import { byId, element } from './dom.js'
import { call } from './stream.js'

let services = []

/** Makes the form work. */
export function followForm (token) {
  byId('call-path').addEventListener('change', showMethods)
  byId('call').addEventListener('submit', event => {
    event.preventDefault()
    send(token).catch(error => tell(error.message))
  })
}

/** What can be called. The choice stays while it can be. */
export function offer (offered) {
  services = offered
  choose(byId('call-path'), [...new Set(services.map(({ path }) => path))])
  showMethods()
}

function showMethods () {
  const path = byId('call-path').value
  const methods = services.filter(each => each.path === path).flatMap(each => each.methods)
  choose(byId('call-method'), [...new Set(methods.map(({ name }) => name))])
}

function choose (select, names) {
  const { value } = select
  select.replaceChildren(...names.map(name => element('option', {}, name)))
  if (names.includes(value)) select.value = value
}

async function send (token) {
  tell('…')
  const id = byId('call-id').value
  const answer = await call(token, {
    path: byId('call-path').value,
    method: byId('call-method').value,
    ...id === '' ? {} : { id },
    query: read('call-query'),
    data: read('call-data')
  })
  if (answer.error === undefined) tell(JSON.stringify(answer.result, null, 2) ?? 'undefined')
  else tell(`${answer.error.name ?? 'Error'}: ${answer.error.message}`)
}

function read (id) {
  const text = byId(id).value.trim()
  if (text === '') return undefined
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new Error(`${byId(id).closest('label').textContent.trim()}: ${error.message}`)
  }
}

function tell (text) {
  byId('result').textContent = text
}
