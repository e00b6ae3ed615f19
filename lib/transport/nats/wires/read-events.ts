import { MalformedMessage } from '../../transport'
import { NONE } from '../inbox-head'
import { readMessages } from '../message-text'
import type { NatsPeer } from '../nats-peer'
import type { WireOptions } from './wire'

/** Where events came, of whom, and the nodes that are to pass them over. */
export interface EventsOf {
  readonly subject: string
  readonly peer: NatsPeer
  readonly except: string
}

/**
 * Takes the events of a publisher.
 *
 * @param at - where they begin in the text
 * @throws {@link MalformedMessage} for anything else
 */
export function readEvents (
  { subjects, peers }: WireOptions, { subject, peer, except }: EventsOf, text: string, at: number
): void {
  if (subjects.keyOfEvent(subject) !== peer.options.keyToken) throw new MalformedMessage('an event with another key')
  if (except !== NONE && except.split(',').includes(peers.token)) return
  peer.heardAt = performance.now()
  readMessages(text, at, (kind, id, body) => {
    if (kind === 'piece') return peer.receivePiece(id, body, true)
    if (kind !== 'event') throw new MalformedMessage('no event on a subject of events')
    peer.receive(kind, id, body)
  })
}
