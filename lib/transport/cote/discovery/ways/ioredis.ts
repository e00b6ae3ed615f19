import { messageOf } from '../../../../printable'
import { propertiesOf } from '../../../../record'

/** What is used of a client of ioredis, 5 or 6. Its own types would be needed by users who don't have the package. */
export interface RedisClient {
  readonly stream?: { readonly localAddress?: string, destroy: () => void, pause: () => void, resume: () => void }
  connect: () => Promise<void>
  disconnect: () => void
  publish: (channel: string, message: string) => Promise<number>
  subscribe: (channel: string) => Promise<unknown>
  on: (event: 'message' | 'error' | 'close', listener: (...args: string[]) => void) => unknown
}

/** Makes a client, which connects when it is told to. */
export type MakeClient = (options: object) => RedisClient

/** The package, or why it can't be used. */
export type LoadedIoredis =
  { readonly make: MakeClient, readonly fault?: undefined } |
  { readonly make?: undefined, readonly fault: string }

/**
 * Loads ioredis.
 *
 * @param load - imports it so that bundlers see it. Without it, it is required within a try: no bundler demands it then
 */
export function loadIoredis (load?: () => unknown): LoadedIoredis {
  try {
    // eslint-disable-next-line @typescript-eslint/no-require-imports
    const loaded: unknown = load === undefined ? require('ioredis') : load()
    const { Redis: Client = loaded } = propertiesOf(Object(loaded))
    if (typeof Client !== 'function') return { fault: 'needs ioredis 5 or 6, and finds none: npm install ioredis' }
    return { make: options => Reflect.construct(Client, [options]) }
  } catch (error) {
    const [reason] = messageOf(error).split('\n')
    return { fault: `needs ioredis, which can't be loaded (${reason}): npm install ioredis` }
  }
}
