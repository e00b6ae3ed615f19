/** What the command tells, as it happens: server-sent events, read by fetch, as only that sends a header. */

const RETRY_MS = 1000
const KEPT = 'feathers-mesh-token'

/** The token: from the address, out of which it goes, or kept since it was there, for this tab alone. */
export function takeToken () {
  const given = location.hash.slice(1)
  if (given !== '') {
    sessionStorage.setItem(KEPT, given)
    history.replaceState(null, '', location.pathname)
  }
  return sessionStorage.getItem(KEPT) ?? ''
}

/**
 * Reads the stream for as long as the page is there.
 *
 * @param onEvent - gets the name of an event and its data
 * @param onState - gets what is wrong; nothing where all is well
 */
export async function follow (token, onEvent, onState) {
  for (;;) {
    try {
      const response = await fetch('api/stream', { headers: { authorization: `Bearer ${token}` } })
      if (response.status === 401) return onState('No access: open the whole address that the command printed.')
      if (response.ok) await readEvents(response.body, onEvent)
      onState(response.ok ? 'The command has ended, or is away.' : `No answer: ${response.status}.`)
    } catch {
      onState('The command has ended, or is away.')
    }
    await new Promise(resolve => setTimeout(resolve, RETRY_MS))
  }
}

async function readEvents (body, onEvent) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader()
  let rest = ''
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return
    const blocks = (rest + value).split('\n\n')
    rest = blocks.pop()
    for (const block of blocks) {
      const [event, data] = block.split('\n')
      onEvent(event.replace('event: ', ''), JSON.parse(data.replace('data: ', '')))
    }
  }
}

/** Calls a method, once. */
export async function call (token, body) {
  const response = await fetch('api/call', {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(body)
  })
  return await response.json()
}
