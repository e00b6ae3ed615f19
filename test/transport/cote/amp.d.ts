// The stock codec of cote's peers has no types.
declare module 'amp' {
  import type { Writable } from 'node:stream'

  const amp: {
    encode (args: readonly Buffer[]): Buffer
    decode (frame: Buffer): Buffer[]
    /** Emits 'data' for each frame. */
    Stream: new () => Writable
  }
  export default amp
}

declare module 'amp-message' {
  export default class Message {
    constructor (args: readonly unknown[] | Buffer)
    readonly args: unknown[]
    toBuffer (): Buffer
  }
}
