import * as argumentsOfFrames from '../../../lib/transport/cote/wire/arguments'
import * as control from '../../../lib/transport/session/control'
import { frame, randomBytes, sharedLists } from './wire'

function textsOf (module: object): string[] {
  return Object.values(module).filter((value): value is string => typeof value === 'string')
}

/** All requests that nodes make of their own accord, as the code has them: another one is fuzzed at once. */
export const CONTROL_METHODS: readonly string[] = textsOf(control)
  .filter(text => text.startsWith(control.MESH_PREFIX) && text !== control.MESH_PREFIX)

/** The ids of all frames that a host sends of its own accord, as the code has them: `!clock` and its like. */
export const CONTROL_IDS: readonly string[] = textsOf(argumentsOfFrames)
  .filter(text => text.startsWith('!') && text !== argumentsOfFrames.NO_REPLY_ID)

/** Makes well-formed frames whose contents no node sends, by chance: the same for the same numbers. */
export class HostileContents {
  /** The control messages that it has made until now, by their methods or ids. */
  readonly made = new Set<string>()
  /** What each control message holds, more or less; each of them is sent with anything else as well. */
  readonly shapes: Readonly<Record<string, () => string>> = {
    [control.CALLER]: () => this.introduction(),
    [control.CONTRACTS]: () => `{"readsClock":true,"hashes":${this.paths()},"given":${this.json()}}`,
    [control.SUBSCRIBE]: () => this.paths(),
    [control.CANCEL]: () => this.id(),
    [control.PING]: () => `{"now":${this.id()}}`,
    [control.HELLOS]: () => this.hellos(),
    [control.DONE]: () => this.json(),
    [control.INSPECT]: () =>
      `{"ask":${this.pick(['"report"', '"tap"', this.json()])},"tap":${this.id()},"limit":${this.json(1)}}`,
    [argumentsOfFrames.EVENT_ID]: () => `{"path":"odd","key":"default","event":"created","args":[${this.json()}]}`,
    [argumentsOfFrames.GOODBYE_ID]: () => `{"counts":${this.counts()}}`,
    [argumentsOfFrames.CLOCK_ID]: () => this.pick([String(Date.now()), '-1', '1e308', this.id()]),
    [argumentsOfFrames.HELLOS_ID]: () => this.hellos()
  }

  constructor (private readonly random: () => number) {}

  /** A request that nodes make of their own accord, with anything in it. */
  control (): Buffer {
    const type = this.pick([...CONTROL_METHODS, 'mesh:unheard', 'mesh:'])
    this.made.add(type)
    const own = this.shapes[type]?.() ?? this.json()
    return this.request(type, this.pick([own, own, this.json(), this.introduction(), this.paths(), this.id()]))
  }

  /** A frame that a host sends of its own accord, with anything in it. */
  told (id = this.pick(CONTROL_IDS)): Buffer {
    this.made.add(id)
    const own = this.shapes[id]?.() ?? this.json()
    const content = this.pick([`j:${own}`, `j:${own}`, `j:${this.json()}`, `v:${this.table()}`, 's:text'])
    return frame(content, `s:${id}`)
  }

  /** A call of a service, with anything for its path, id, data, params and deadline. */
  call (): Buffer {
    const type = this.pick(['find', 'get', 'create', 'update', 'patch', 'remove', 'healthcheck', '*', '__proto__'])
    return this.request(type, this.json())
  }

  /** What a host could answer a request with an id. */
  reply (id: string): Buffer {
    const error = this.pick(['j:null', `j:${this.error()}`, `j:${this.json()}`, `v:${this.table()}`, 's:error'])
    const value = this.pick([`j:${this.json()}`, `v:${this.table()}`, 's:value', 'j:null'])
    const beside = this.pick([[], [], [`b:${this.json()}`], [`b:{"http":${this.json()},"dispatch":${this.json()}}`]])
    return frame(error, value, ...beside, id)
  }

  /** An event of a path, with anything for its name, its key and its arguments. */
  event (path: string): Buffer {
    const name = this.pick(['"created"', '"updated"', '"gap"', '"unheard"', '"__proto__"', this.json()])
    const args = this.pick([`[${this.json()}]`, `[${this.json()},${this.json()}]`, '[]', '[null]', this.json()])
    const text = `{"path":${this.pick([JSON.stringify(path), JSON.stringify(path), this.json()])},"key":"default",` +
      `"event":${name},"args":${args},"context":${this.json()},"gap":${this.json()}}`
    return frame(`j:${text}`, 's:!event')
  }

  /** What a host could answer a request that nodes make of their own accord. */
  controlReply (id: string): Buffer {
    const answer = this.pick([`j:{"id":${this.id()},"now":${this.id()},"revision":${this.json(1)}}`, `v:${this.shared()}`])
    return frame('j:null', answer, id)
  }

  /** A table whose lists share lists: a few hundred bytes, and more paths than anybody could walk. */
  private shared (): string {
    return sharedLists(this.pick(['id', 'now', 'revision', 'contracts', 'hash', 'name', 'code', 'message']), 40)
  }

  /** The same in a field of an error. */
  private sharedByError (): string {
    const inError = '[[1],["Error",["Error"],{"name":"Error"},{"'
    return this.shared().replace('[[1],{"', inError).replace(']},', ']}],')
  }

  private request (type: string, data: string): Buffer {
    const path = this.pick(['"jobs"', '"jobs"', '"nowhere"', '""', '"__proto__"', this.json()])
    const deadline = this.pick([String(Date.now() + 5_000), '0', '-1', '1e308', this.json()])
    const text = `{"type":${JSON.stringify(type)},"key":"default","path":${path},"id":${this.id()},"data":${data},` +
      `"params":${this.json()},"deadline":${deadline}}`
    return frame(`j:${text}`, this.pick(['s:!', 's:1', `s:${this.below(1e9)}`, 's:', 's:-1', 's:1e9', `s:${this.name()}`,
      `s:${this.pick(CONTROL_IDS)}`]))
  }

  /** Hellos as a connection carries them, of which none is one. */
  private hellos (): string {
    const hello = this.pick([this.json(), `{"event":"hello","iid":${this.id()},"data":${this.json()}}`, 'x'])
    return `{"hellos":[${Array.from({ length: this.below(10) }, () => JSON.stringify(hello)).join()}]}`
  }

  /** How many events of each path were sent. */
  private counts (): string {
    return this.pick([`[["odd",${this.id()}]]`, `{"odd":${this.id()}}`, `[{"path":"odd","count":${this.id()}}]`, this.json()])
  }

  private introduction (): string {
    return `{"node":${this.pick([`"${this.name()}"`, this.json()])},"key":${this.pick(['"default"', this.json()])}}`
  }

  private paths (): string {
    return `[${Array.from({ length: this.below(200) }, () => this.pick([`"${this.name()}"`, this.json(1)])).join()}]`
  }

  private error (): string {
    const code = this.pick(['200', '404', '0', '-1', '1e9', '"x"', this.json(1)])
    return `{"name":${this.pick(['"NotFound"', '"toString"', '"__proto__"', this.json(1)])},"message":${this.json(1)},` +
      `"code":${code},"className":${this.json(1)},"data":${this.json()},"errors":${this.json()},` +
      `"refused":${this.json(0)},"reason":${this.pick(['"busy"', '"late"', this.json(0)])},"toJSON":${this.json(0)}}`
  }

  private table (): string {
    return this.pick([
      '[[1],["Error",[2],"Error"],"message"]', '[[1],{"self":[1]}]', '["NaN"]', '[["BigInt","-ff"]]',
      this.shared(), this.sharedByError(),
      '[[1],["Map",[1],[1]]]',
      '[[1],["Set",[1]]]', '[[1],["Date",1e99]]', '[[1],["URL","http://x"]]', '[[1],["RegExp","a","g"]]', '[]', this.json()
    ])
  }

  private id (): string {
    return this.pick(['1', '"1"', 'null', '-1', '1e308', '{"$gt":""}', '"__proto__"', this.json(1)])
  }

  private name (): string {
    return Buffer.from(randomBytes(this.random, this.below(40))).toString('hex')
  }

  private json (depth = 3): string {
    const inner = (): string => this.json(depth - 1)
    switch (this.below(depth > 0 ? 10 : 6)) {
      case 0: return 'null'
      case 1: return this.pick(['true', 'false', '0', '-0', '1e308', '9007199254740993', '0.1'])
      case 2: return JSON.stringify(randomBytes(this.random, this.below(30)).toString('latin1'))
      case 3: return this.pick(['""', '"__proto__"', '"constructor"', '"then"', '"\\ud800"', '"\\u2028\\n\\u001b[31m"'])
      case 4: return this.pick(['{}', '[]'])
      case 5: return `"${'x'.repeat(this.below(3_000))}"`
      case 6: return `[${inner()},${inner()}]`
      case 7: return `{"__proto__":${inner()},"constructor":{"prototype":${inner()}},"then":${inner()}}`
      case 8: return `{"toJSON":${inner()},"length":${inner()},"message":${inner()},"query":${inner()}}`
      default: return `${'['.repeat(40)}${inner()}${']'.repeat(40)}`
    }
  }

  private below (limit: number): number {
    return Math.floor(this.random() * limit)
  }

  private pick<T> (from: readonly T[]): T {
    return from[this.below(from.length)]
  }
}
