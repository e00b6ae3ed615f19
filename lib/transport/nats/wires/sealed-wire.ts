import type { PairSeals } from '../sealing/handshake'
import type { Introductions } from '../sealing/introductions'
import { isLongAgo, Meetings, type Candidate } from '../sealing/meetings'
import { EventSeals } from '../sealing/event-seals'
import type { KeyRing } from '../../secrets/key-ring'
import { MalformedMessage } from '../../transport'
import { TokenBucket } from '../../token-bucket'
import { helloText, isBefore, readHello, type Hello } from '../hello'
import { NONE, readHead } from '../inbox-head'
import { messageText, type InboxMessage } from '../message-text'
import type { NatsPeer } from '../nats-peer'
import { lastToken, tokenOf } from '../subjects'
import { introductionText, readIntroduction } from './introduction-text'
import { readEvents } from './read-events'
import { SecretProofs } from './secret-proofs'
import { SEALED, type Wire, type WireOptions } from './wire'

/** How many nodes this one agrees on keys with in a row: more than a mesh has that start at once. */
const INTRODUCTIONS_BURST = 5_000
/** The time from one to the next beyond that: making keys costs far less. */
const INTRODUCTION_MS = 2
/** Nodes that send to a session which is not known here are introduced to, at most so often. */
const TOLD_BURST = 50
const TOLD_MS = 20
/** Bytes in which the head of a sealed message ends. */
const HEAD_BYTES = 512
const NEWLINE = 0x0a

/** Another node in subjects. */
interface Place {
  readonly token: string
  readonly keyToken: string
}

/** A session: how both sides name it, and what seals it. */
interface Names {
  readonly ownName: string
  readonly theirName: string
  readonly seals: PairSeals
}

/**
 * Nodes seal what they say to each other, so that the broker and its other users read and forge nothing. What is said
 * outside of a session may be old: it is a reason to agree on keys, and a session ends for none of it. One begins when
 * its first message was opened by keys that only the other node can have.
 */
export class SealedWire implements Wire {
  // A server that lies must not bring about that a call runs twice.
  readonly believesServer = false
  private readonly meetings: Meetings<Hello>
  private readonly events = new EventSeals<NatsPeer>()
  private readonly proofs: SecretProofs
  private readonly pace = new TokenBucket(INTRODUCTIONS_BURST, INTRODUCTION_MS)
  private readonly told = new TokenBucket(TOLD_BURST, TOLD_MS)

  constructor (
    private readonly options: WireOptions, keyRing: KeyRing, private readonly introductions: Introductions
  ) {
    const { peers, host } = options
    if (host.log !== undefined) keyRing.tellTo(host.log)
    this.meetings = new Meetings(peers.token, () => peers.nextSession())
    this.proofs = new SecretProofs(options, keyRing, introductions, () => this.renewEvents())
  }

  begin (): void {
    this.proofs.begin()
  }

  end (): void {
    this.proofs.end()
    this.meetings.clear()
  }

  forget (peer: NatsPeer): void {
    this.events.forget(peer)
  }

  greet (asks: boolean): void {
    const { subjects, host, peers, isLeaving } = this.options
    const subject = subjects.hello(host.key)
    this.options.send(subject, this.introduction(helloText(peers.hello(asks)), subject))
    // A goodbye to all is a hint, as it could be made by others with the secret: peers get one that counts.
    if (isLeaving()) for (const peer of peers.all) peer.write('hello', 0, helloText(peers.hello(false)))
  }

  send (peer: NatsPeer, messages: string, reply: string): void {
    const { seals, token, keyToken, ownName } = peer.options
    // A peer of this wire has both.
    if (seals === undefined || peer.theirName === undefined) return
    this.sendSealed({ token, keyToken }, { ownName, theirName: peer.theirName, seals }, messages, reply)
  }

  publish (subject: string, except: string, texts: string): void {
    const { send, peers } = this.options
    send(subject, this.events.seal(`${except}\n${texts}`, `${subject}\0${peers.token}`))
  }

  onHello (subject: string, bytes: Buffer): void {
    const { host, peers } = this.options
    const opened = this.openIntroduction(subject, bytes)
    if (opened === undefined) return
    const keyToken = lastToken(subject)
    const hello = readHello(opened.text, keyToken)
    if (hello.id === host.id) return
    const token = tokenOf(hello.id)
    const peer = peers.byToken.get(token)
    if (peer !== undefined && !peers.hasSameKey(peer, hello)) return
    if (peer?.options.life === hello.life) return this.onLife(peer, hello)
    if (peer !== undefined && isBefore(hello.life, peer.options.life)) return this.replayed(hello)
    if (!hello.isLeaving) this.introduce({ token, keyToken })
  }

  onInbox (subject: string, bytes: Buffer): void {
    if (bytes[0] === SEALED.session) this.onSealed(subject, bytes)
    else this.onIntroduction(subject, bytes)
  }

  onEvents (subject: string, bytes: Buffer): void {
    // Whose key it is decides who has to have sealed it.
    const opened = this.events.open(bytes, peer => `${subject}\0${peer.options.token}`)
    // Nobody counts what a node publishes before it is met, as in a mesh without a secret.
    if (opened === undefined) return
    const { peer, text } = opened
    if (this.options.peers.byToken.get(peer.options.token) !== peer) return
    const end = text.indexOf('\n')
    readEvents(this.options, { subject, peer, except: text.slice(0, end) }, text, end + 1)
  }

  /** A hello of a life with which there is a session: it tells that the node is there, once. */
  private onLife (peer: NatsPeer, hello: Hello): void {
    if (hello.count <= peer.hellos) return this.replayed(hello)
    peer.hellos = hello.count
    peer.heardAt = performance.now()
    if (!hello.isLeaving) peer.update(hello.revision)
  }

  private replayed ({ id }: Hello): void {
    this.options.host.onRejected?.('replayedHello', 'nats', `node ${id}`)
  }

  private onIntroduction (subject: string, bytes: Buffer): void {
    const { peers } = this.options
    const opened = this.openIntroduction(subject, bytes)
    if (opened === undefined) return
    const keyToken = lastToken(subject)
    const { hello, session, offer, answers, holds } = readIntroduction(opened.text, keyToken)
    if (!this.mayBegin(hello, session, holds)) return
    const token = tokenOf(hello.id)
    const known = this.meetings.candidate(token, session)
    if (known === undefined ? !this.mayIntroduce() : !isLongAgo(known.answeredAt)) return
    const candidate = this.meetings.take(token, { hello, session, offer, secretId: opened.secretId })
    candidate.answeredAt = performance.now()
    const { ownName } = this.meetings.with(token)
    if (answers !== ownName) this.sendIntroduction({ token, keyToken }, session)
    // It proves that this node is who introduced itself: only that one has the keys.
    const text = messageText('hello', 0, helloText(peers.hello(false)))
    this.sendSealed({ token, keyToken }, { ownName, theirName: session, seals: candidate.seals }, text)
  }

  /** Whether a session that a node introduces is one to agree on keys for. */
  private mayBegin (hello: Hello, session: string, holds: string): boolean {
    const { host, peers, isLeaving } = this.options
    if (hello.id === host.id || hello.isLeaving || isLeaving()) return false
    const peer = peers.byToken.get(tokenOf(hello.id))
    if (peer === undefined) return true
    // Where the session has begun, it was said before. Where both have one, the other node was misled by an old hello.
    if (!peers.hasSameKey(peer, hello) || peer.theirName === session || peer.options.ownName === holds) return false
    const isOld = peer.theirName !== undefined && isBefore(session, peer.theirName)
    if (isOld) this.replayed(hello)
    return !isOld
  }

  private onSealed (subject: string, bytes: Buffer): void {
    const { peers } = this.options
    const head = readHead(bytes.toString('latin1', 1, Math.min(bytes.indexOf(NEWLINE) + 1, HEAD_BYTES)))
    const { token, theirName, ownName } = head
    const keyToken = lastToken(subject)
    const known = peers.bySession(ownName)
    const isKnown = known?.theirName === theirName && known.options.token === token
    const candidate = isKnown ? undefined : this.meetings.find(ownName, theirName)
    const seals = isKnown ? known.options.seals : candidate?.seals
    if (seals === undefined) {
      if (!peers.byToken.has(token)) this.introduceOnce({ token, keyToken })
      throw new MalformedMessage('a message of a session that is not known here')
    }
    const at = 1 + head.end
    const text = seals.inbound.open(bytes.subarray(at), besideOf(subject, bytes.toString('latin1', 1, at))).toString()
    const peer = candidate === undefined ? known : this.begun(candidate, ownName)
    if (peer === undefined) return
    peer.heardAt = performance.now()
    this.options.read(text, 0, (kind, id, body) => this.read(peer, kind, id, body))
  }

  /** A node has proven that it introduced itself: its session begins, and one that it had before is over. */
  private begun (candidate: Candidate<Hello>, ownName: string): NatsPeer | undefined {
    const { peers } = this.options
    const { hello, session, seals, secretId } = candidate
    this.meetings.end(ownName)
    const before = peers.byToken.get(tokenOf(hello.id))
    if (before !== undefined && !peers.hasSameKey(before, hello)) return undefined
    // It has lost its server, and is back.
    if (before !== undefined) peers.lose(before, 'disconnected')
    const greeting = [['hello', helloText(peers.hello(false))], ['key', this.events.told]] as const
    const peer = peers.meet(hello, { ownName, theirName: session, seals, greeting })
    if (peer !== undefined) this.proofs.add(peer, secretId)
    return peer
  }

  private read (peer: NatsPeer, kind: InboxMessage, id: number, body: unknown): void {
    const { peers } = this.options
    if (kind === 'hello') this.onOwnHello(peer, body)
    else if (kind === 'key') this.events.take(peer, body)
    else if (kind === 'proof') this.proofs.take(peer, id, body)
    else peers.read(peer, kind, id, body)
  }

  /** A hello within the session: who said it is proven. */
  private onOwnHello (peer: NatsPeer, body: unknown): void {
    if (typeof body !== 'string') throw new MalformedMessage('a hello that is no text')
    const hello = readHello(body, peer.options.keyToken)
    if (hello.id !== peer.id) throw new MalformedMessage('a hello with another id than that of its sender')
    peer.hellos = Math.max(peer.hellos, hello.count)
    if (hello.isLeaving) this.options.peers.leave(peer)
    else peer.update(hello.revision)
  }

  private introduceOnce (place: Place): void {
    if (this.told.waitMs > 0) return
    this.told.take()
    this.introduce(place)
  }

  private introduce (place: Place): void {
    const meeting = this.meetings.with(place.token)
    if (this.options.isLeaving() || !isLongAgo(meeting.introducedAt) || !this.mayIntroduce()) return
    meeting.introducedAt = performance.now()
    this.sendIntroduction(place, NONE)
  }

  private mayIntroduce (): boolean {
    if (this.pace.waitMs > 0) {
      this.options.host.onRejected?.('throttledHellos', 'nats')
      return false
    }
    this.pace.take()
    return true
  }

  /** @param answers - the session of the other node that this one knows */
  private sendIntroduction ({ token, keyToken }: Place, answers: string): void {
    const { subjects, host, peers, send } = this.options
    const { ownName, handshake } = this.meetings.with(token)
    const subject = subjects.inboxOf(token, keyToken, host.key)
    const hello = helloText(peers.hello(false))
    const holds = peers.byToken.get(token)?.theirName ?? NONE
    const text = introductionText({ hello, session: ownName, offer: handshake.offer, answers, holds })
    send(subject, this.introduction(text, subject))
  }

  private introduction (text: string, subject: string): Buffer {
    return Buffer.concat([Buffer.of(SEALED.introduction), this.introductions.seal(text, subject)])
  }

  private openIntroduction (subject: string, bytes: Buffer): { text: string, secretId: string } | undefined {
    const { host } = this.options
    if (bytes[0] !== SEALED.introduction) {
      host.onRejected?.('plainHello', 'nats')
      return undefined
    }
    const opened = this.introductions.open(bytes.subarray(1), subject)
    if (opened.rejected === undefined) return opened
    host.onRejected?.(opened.rejected, 'nats', opened.detail)
    return undefined
  }

  private sendSealed (
    { token, keyToken }: Place, { ownName, theirName, seals }: Names, messages: string, reply?: string
  ): void {
    const { subjects, host, peers, send } = this.options
    const subject = subjects.inboxOf(token, keyToken, host.key)
    const head = `${peers.token} ${ownName} ${theirName}\n`
    const sealed = seals.outbound.seal(Buffer.from(messages), besideOf(subject, head))
    send(subject, Buffer.concat([Buffer.of(SEALED.session), Buffer.from(head, 'latin1'), sealed]), reply)
  }

  /** Peers get the key in the place among all events from which on it counts. */
  private renewEvents (): void {
    const peers = [...this.options.peers.all]
    // Events that wait are sealed as they leave: first, as nobody has the next key yet.
    for (const peer of peers) peer.options.onOrdered(peer)
    this.events.renew()
    for (const peer of peers) peer.write('key', 0, this.events.told)
  }
}

/** What can't be altered beside a sealed message: its subject names the receiver, and its head the sender. */
function besideOf (subject: string, head: string): Buffer {
  return Buffer.from(`${subject}\0${head}`)
}
