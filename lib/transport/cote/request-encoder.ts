import type { Request } from '../transport'
import { encodeFields } from '../values/encode-value'
import { isPlainMessage } from '../values/plain-json'
import { valueArgument } from './encode'
import type { ValueArgument } from './frame-writer'

/** More beginnings than this are not kept: a peer may have any number of services in turn. */
const MAX_HEADS = 1_000

/**
 * Encodes requests to one peer, to the same JSON as `JSON.stringify` does. All requests of one method begin alike:
 * that much is written once, which halves the time that a short request takes.
 */
export class RequestEncoder {
  /** By path and method; a peer has one key. */
  private readonly heads = new Map<string, Map<string, string>>()
  private size = 0

  /** @throws UnsendableValue */
  encode (request: Request): ValueArgument {
    if (!isPlainMessage(request)) return valueArgument(encodeFields(request))
    const { id, data, params, deadline } = request
    let text = this.head(request)
    if (id !== undefined) text += `,"id":${typeof id === 'number' ? String(id) : JSON.stringify(id)}`
    if (data !== undefined) text += `,"data":${JSON.stringify(data)}`
    if (params !== undefined) text += `,"params":${JSON.stringify(params)}`
    if (deadline !== undefined) text += `,"deadline":${deadline}`
    return { type: 'j', text: `${text}}` }
  }

  private head ({ type, key, path }: Request): string {
    const known = this.heads.get(path)?.get(type)
    if (known !== undefined) return known
    if (++this.size > MAX_HEADS) {
      this.heads.clear()
      this.size = 1
    }
    const head = JSON.stringify({ type, key, path }).slice(0, -1)
    const ofPath = this.heads.get(path) ?? new Map<string, string>()
    this.heads.set(path, ofPath.set(type, head))
    return head
  }
}
