import { CALLER, HELLOS } from '../../session/control'
import { NO_REPLY_ID } from '../wire/arguments'
import { lengthOf, type Frame } from '../wire/frame-parser'

/** From this many bytes on, it matters what a request becomes, and whether it is read at all. */
export const LARGE = 64 * 1024

/** The bytes of the text that are looked at, far apart: so the estimate takes no time even for the longest. */
const SAMPLES = 1_024

/** What a character of JSON becomes in memory, beside its own byte: an object, a list, an item of one. */
const COSTS = new Uint8Array(256)
COSTS[0x7b] = 48 // {
COSTS[0x5b] = 32 // [
COSTS[0x2c] = 16 // ,

/** The beginning of the text of a control request. */
const CONTROL = Buffer.from('"mesh:')
const CONTROL_START = 16

/** How much memory the request of a frame takes: its bytes, and of a long one what its objects take, by an estimate. */
export function weightOf (frame: Frame): number {
  const length = lengthOf(frame)
  return length < LARGE ? length : length + Math.round(costOf(frame.buffer, frame.bounds[0], length))
}

/** Whether the request of a frame is one that nodes make of their own accord. */
export function isControl ({ buffer, bounds }: Frame): boolean {
  return buffer.subarray(bounds[0], bounds[0] + CONTROL_START).includes(CONTROL)
}

function costOf (buffer: Buffer, start: number, length: number): number {
  const step = length / SAMPLES
  let cost = 0
  for (let n = 0; n < SAMPLES; n++) {
    // A random byte of each step: nobody can write a text that looks cheap.
    const at = start + Math.min(length - 1, Math.floor((n + Math.random()) * step))
    cost += COSTS[buffer[at]]
  }
  return cost * step
}

/** Whether it is the introduction of a node of 0.1, which wants no answer to it, or a hello that follows others. */
export function isUnanswered (method: string, id: string | number): boolean {
  return id === NO_REPLY_ID && (method === CALLER || method === HELLOS)
}

/** What answers a request that gets no reply. */
export function noReply (): void {}
