import { CONTROL_IDS, CONTROL_METHODS } from './hostile-contents'
import { frame, hello, randomBytes } from './wire'

/** Makes what a node should never get, by chance: the same for the same numbers. */
export class HostileInput {
  constructor (private readonly random: () => number, private readonly environment: string) {}

  /** A frame that cote's wire knows, with nonsense in it: it is refused, or ignored, and the connection goes on. */
  nonsense (): Buffer {
    const id = this.pick(['s:1', 's:2', 's:!', 's:', 's:-1', `s:${this.below(9)}`, 's:__proto__', 'j:"x"', 's:1e999',
      `s:${this.pick(CONTROL_IDS)}`])
    const type = this.pick(['find', 'get', ...CONTROL_METHODS, 'constructor', '__proto__', ''])
    const request = `{"type":${JSON.stringify(type)},"key":${this.json()},"path":${this.path()},"id":${this.json()},` +
      `"data":${this.json()},"params":${this.json()},"deadline":${this.json()},"__proto__":${this.json()}}`
    if (this.random() < 0.5) return frame(`j:${request}`, id)
    const table = `[[1],{"type":${JSON.stringify(type)},"path":${this.path()},"data":[2],"params":[3]},` +
      `["Array",[1],[2],[3],["NaN"]],{"__proto__":[1],"constructor":[2],"query":[3],"n":${this.json(0)}}]`
    return frame(`v:${this.random() < 0.5 ? table : table.replace('["NaN"]', '["BigInt","-ff"]')}`, id)
  }

  /** Bytes that are no frame, or whose arguments are none: they end the connection. */
  breaking (): Buffer {
    const whole = this.nonsense()
    switch (this.below(9)) {
      case 0: return Buffer.concat([Buffer.from([this.below(16) << 4]), randomBytes(this.random, this.below(300))])
      case 1: return Buffer.from([0x12, 0xff, 0xff, 0xff, this.below(256), 0x6a, 0x3a])
      case 2: return frame(`j:${'['.repeat(this.below(3e4))}`, 's:1')
      case 3: return frame(`v:${'['.repeat(this.below(3e4))}`, 's:1')
      case 4: return frame(`v:${this.brokenTable()}`, 's:1')
      case 5: return frame('j:null', `j:${this.json()}`, 's:1')
      case 6: return frame(`s:${this.json()}`, 's:1')
      case 7: return frame(randomBytes(this.random, this.below(100)).toString('latin1'), 's:1')
      default: {
        // The first byte among them: any other one may leave a frame that only means something else.
        whole[0] = 0x10 | this.below(2)
        return Buffer.concat([whole, Buffer.from([0xff])])
      }
    }
  }

  /** A packet of discovery with something wrong in it, of nodes that no node looks for. */
  packet (): Buffer {
    const iid = this.pick(['__proto__', 'constructor', `fuzz-${this.below(1e6)}`, ''])
    const text = JSON.stringify(hello(iid, this.environment, 1))
    const bytes = Buffer.from(this.pick([
      text.replace('"hello"', this.json()), text.replace('"port":1', `"port":${this.json()}`),
      text.replace(/"mesh":{.*?}/, `"mesh":${this.json()}`), text.replace(/"data":{/, `"__proto__":${this.json()},$&`),
      text.replace(/"advertisement":.*$/, `"advertisement":${this.json()}}}`), text.slice(0, this.below(text.length)),
      `{"event":"goodbye","iid":${this.json()}}`, '['.repeat(this.below(3_000)), this.json()
    ]))
    for (let n = this.below(4); n > 0; n--) bytes[this.below(bytes.length)] = this.below(256)
    return this.random() < 0.2 ? randomBytes(this.random, this.below(1_500)) : bytes
  }

  private brokenTable (): string {
    return this.pick([
      '{}', '[]', '[[1]]', '[[0]]', '[[1],["__proto__"]]', '[[1],["Sparse",4294967295]]', '[[1],["RegExp","((",""]]',
      '[[1],["URL","x"]]', '[["BigInt","x"]]', '[[1],["Error",7]]', '[[1],["Float64Array","AA=="]]', '[{}]', '[[1],[]]',
      `[[1],["Array",[${this.below(1e9) + 2}]]]`, '[[1],["Map",[1],{}]]', '[["constructor"]]'
    ])
  }

  private path (): string {
    return this.pick(['"nowhere"', '"__proto__"', '"constructor"', '""', '"todos/../x"', this.json()])
  }

  private json (depth = 3): string {
    const inner = (): string => this.json(depth - 1)
    switch (this.below(depth > 0 ? 12 : 7)) {
      case 0: return 'null'
      case 1: return this.pick(['true', 'false'])
      case 2: return this.pick(['0', '-1', '1e308', '1e999', '-0', '4294967296', '0.1'])
      case 3: return JSON.stringify(randomBytes(this.random, this.below(20)).toString('latin1'))
      case 4: return this.pick(['""', '"__proto__"', '"constructor"', '"then"', '"\\ud800"'])
      case 5: return '{}'
      case 6: return '[]'
      case 7: return `[${inner()},${inner()}]`
      case 8: return `{"__proto__":{"polluted":${inner()}}}`
      case 9: return `{"constructor":{"prototype":{"polluted":${inner()}}}}`
      case 10: return `{"type":${inner()},"path":${inner()},"toJSON":${inner()},"length":${inner()}}`
      default: return `${'['.repeat(50)}${inner()}${']'.repeat(50)}`
    }
  }

  private below (limit: number): number {
    return Math.floor(this.random() * limit)
  }

  private pick<T> (from: readonly T[]): T {
    return from[this.below(from.length)]
  }
}
