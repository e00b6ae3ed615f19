/* What remotes make of the results of methods. All of it compiles; nothing here runs. */
/* eslint-disable @typescript-eslint/no-explicit-any -- what users leave untyped is what this file is about */
import type { RemoteMethods, RemoteService } from 'feathers-mesh'
import type { Same } from './same'

declare function is<Expected> (): <Actual>(value: Actual, same: Same<Actual, Expected>) => void
declare function same<A, B> (same: Same<A, B>): void

class Untyped {
  anything (_data: object): any { return 1 }
  later (): Promise<any> { return Promise.resolve(1) }
  never (): never { throw new Error('never') }
  // A member of which nothing is known can be called as in JavaScript.
  adapter: any
  nothing: undefined
}

export async function resultsOfAnyArePromises (untyped: RemoteService<Untyped>): Promise<void> {
  is<Promise<any>>()(untyped.anything({}), true)
  is<Promise<any>>()(untyped.later(), true)
  is<Promise<never>>()(untyped.never(), true)
  is<any>()(untyped.adapter, true)
  same<keyof RemoteMethods<Untyped>, 'anything' | 'later' | 'never' | 'adapter'>(true)
}

export async function everythingCanBeCalledOnARemoteOfAny (remote: RemoteService<any>): Promise<void> {
  is<any>()(await remote.anything({ id: 1 }), true)
}

class Synchronous {
  size (data: string): number
  size (data: string[]): number[]
  size (data: string | string[]): number | number[] { return Array.isArray(data) ? data.map(Number) : Number(data) }

  either (data: string): string
  either (data: number): Promise<number>
  either (data: string | number): string | Promise<number> {
    return typeof data === 'string' ? data : Promise.resolve(1)
  }

  perhaps (data: number): Promise<number> | string { return data === 1 ? 'one' : Promise.resolve(data) }
  nothing (): void {}
  optional? (data: number): string
}

export async function eachOverloadGivesAPromise (remote: RemoteService<Synchronous>): Promise<void> {
  is<Promise<number>>()(remote.size('x'), true)
  is<Promise<number[]>>()(remote.size(['x']), true)
  is<Promise<string>>()(remote.either('x'), true)
  is<Promise<number>>()(remote.either(1), true)
  is<Promise<string | number>>()(remote.perhaps(1), true)
  is<Promise<void>>()(remote.nothing(), true)
  is<Promise<string>>()(remote.optional(1), true)
}
