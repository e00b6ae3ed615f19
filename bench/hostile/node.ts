/** One process that reads messages of strangers. */
import { createRequire } from 'node:module'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as delay } from 'node:timers/promises'
import { obey } from '../processes/obey'
import { MESSAGES } from './messages'

/** What a message took, in milliseconds: the least of some rounds, as other programs only ever add to it. */
export interface Measured {
  readonly characters: number
  /** What JSON itself takes to read it. */
  readonly parse: number
  readonly decode: number
  /** What it takes to write what was read. */
  readonly encode?: number
  /** How long nothing else ran while it was read once. */
  readonly stop: number
  readonly outcome: string
}

const ROUNDS = 5

/** What authors of transports have of the package. */
interface Values {
  decodeValue (encoded: { readonly plain: boolean, readonly text: string }): { readonly value: unknown }
  encodeValue (value: unknown): unknown
}

/** Loaded when it is needed, as the programs beside this one measure packages that don't have it. */
const valuesOfMesh = (): Values => createRequire(__filename)('feathers-mesh/transport') as Values

function fastest (run: () => unknown): { readonly time: number, readonly value: unknown } {
  let time = Infinity
  let value: unknown
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now()
    value = run()
    time = Math.min(time, performance.now() - start)
  }
  return { time, value }
}

/** What is refused has cost what it took to see that. */
const attempt = (run: () => unknown) => (): unknown => {
  try {
    return run()
  } catch (error) {
    return new Refused((error as Error).message)
  }
}

class Refused {
  constructor (readonly reason: string) {}
}

async function longestStop (run: () => unknown): Promise<number> {
  const delays = monitorEventLoopDelay({ resolution: 1 })
  delays.enable()
  await delay(20)
  run()
  await delay(20)
  delays.disable()
  return delays.max / 1e6
}

obey({
  measure: async ({ name, length }: { name: string, length: number }): Promise<Measured> => {
    const { decodeValue, encodeValue } = valuesOfMesh()
    const text = MESSAGES[name]?.(length) ?? '[0]'
    const read = attempt(() => decodeValue({ plain: false, text }).value)
    const { time: decode, value } = fastest(read)
    const refused = value instanceof Refused
    return {
      characters: text.length,
      parse: fastest(() => JSON.parse(text)).time,
      decode,
      encode: refused ? undefined : fastest(attempt(() => encodeValue(value))).time,
      stop: await longestStop(read),
      outcome: refused ? `refused: ${value.reason.slice(0, 60)}` : 'read'
    }
  }
})
