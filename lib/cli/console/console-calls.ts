import type { IncomingMessage } from 'node:http'
import type { MeshObserver, ObserverCall } from '../../inspection/observer/observer'
import { messageOf } from '../../printable'
import { fieldsOf, textField } from '../../record'

/** What a page may send, in bytes. */
const MAX_CALL_BYTES = 1024 * 1024
const TIMEOUT_MS = 10_000

/** A call that a page asks for is none. */
export class WrongCall extends Error {
  override readonly name = 'WrongCall'
}

/**
 * Calls a method for a page, once.
 *
 * @returns its result, or its error as plain data
 * @throws {@link WrongCall} for what is no call
 */
export async function callFor (observer: MeshObserver, request: IncomingMessage): Promise<object> {
  const call = readCall(await readBody(request))
  try {
    return { result: await observer.call(call) }
  } catch (error) {
    const { name, code } = fieldsOf(error)
    return { error: { name, code, message: messageOf(error) } }
  }
}

async function readBody (request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of request) {
    // A request without an encoding gives bytes.
    const bytes = chunk as Buffer
    length += bytes.length
    // Read to its end: a browser that still sends would not see the answer.
    if (length <= MAX_CALL_BYTES) chunks.push(bytes)
  }
  if (length > MAX_CALL_BYTES) throw new WrongCall(`a call takes at most ${MAX_CALL_BYTES} bytes`)
  return Buffer.concat(chunks).toString()
}

function readCall (text: string): ObserverCall {
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch (error) {
    throw new WrongCall(`no JSON: ${messageOf(error)}`)
  }
  const fields = fieldsOf(body)
  const [path, method, id] = ['path', 'method', 'id'].map(name => textField(fields, name))
  if (path === undefined || method === undefined) throw new WrongCall('a call needs path and method')
  const { data, query } = fields
  return {
    path,
    method,
    ...id === undefined ? {} : { id },
    ...data === undefined ? {} : { data },
    ...query === undefined ? {} : { params: { query } },
    timeoutMs: TIMEOUT_MS
  }
}
