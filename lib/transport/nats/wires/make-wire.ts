import type { KeyRing } from '../../secrets/key-ring'
import type { Introductions } from '../sealing/introductions'
import { PlainWire } from './plain-wire'
import { SealedWire } from './sealed-wire'
import type { Wire, WireOptions } from './wire'

/** The secrets of a mesh, where it has any. */
interface Secrets {
  readonly keyRing: KeyRing | undefined
  readonly introductions: Introductions | undefined
}

/** The wire of a node. */
export function makeWire (options: WireOptions, { keyRing, introductions }: Secrets): Wire {
  return keyRing === undefined || introductions === undefined
    ? new PlainWire(options)
    : new SealedWire(options, keyRing, introductions)
}
