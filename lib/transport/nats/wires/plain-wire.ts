import { TokenBucket } from '../../token-bucket'
import { MalformedMessage } from '../../transport'
import { helloText, isBefore, readHello, type Hello } from '../hello'
import { NONE, readHead, UnknownSession, type InboxHead } from '../inbox-head'
import { messageText, type InboxMessage, type PeerMessage } from '../message-text'
import { NatsPeer } from '../nats-peer'
import { lastToken, tokenOf } from '../subjects'
import { readEvents } from './read-events'
import { SEALED, type Wire, type WireOptions } from './wire'

/** Nodes that send to a session which is over here are told so, at most so often. */
const TOLD_BURST = 50
const TOLD_MS = 20

/** Nodes talk in the open: who may publish and listen on the server is one of the mesh. */
export class PlainWire implements Wire {
  readonly believesServer = true
  private readonly told = new TokenBucket(TOLD_BURST, TOLD_MS)

  constructor (private readonly options: WireOptions) {}

  begin (): void {}

  end (): void {}

  forget (): void {}

  greet (asks: boolean): void {
    const { subjects, host, peers } = this.options
    this.sendText(subjects.hello(host.key), helloText(peers.hello(asks)))
  }

  send (peer: NatsPeer, messages: string, reply: string): void {
    const { peers: { token }, subjects, host } = this.options
    const { options: { token: to, keyToken, ownName }, theirName = NONE } = peer
    this.sendText(subjects.inboxOf(to, keyToken, host.key), `${token} ${ownName} ${theirName}\n${messages}`, reply)
  }

  publish (subject: string, except: string, texts: string): void {
    const { peers } = this.options
    this.sendText(subject, `${peers.token} ${peers.life} ${except}\n${texts}`)
  }

  onHello (subject: string, bytes: Buffer): void {
    const { host, peers } = this.options
    if (bytes[0] === SEALED.introduction) return host.onRejected?.('sealedHello', 'nats')
    const hello = readHello(bytes.toString(), lastToken(subject))
    if (hello.id === host.id) return
    const peer = this.take(hello)
    if (hello.asks) peer?.write('hello', 0, helloText(peers.hello(false)))
  }

  onInbox (subject: string, bytes: Buffer): void {
    const { host, peers, read } = this.options
    if (bytes[0] === SEALED.introduction) return host.onRejected?.('sealedHello', 'nats')
    const text = bytes.toString()
    const head = readHead(text)
    const keyToken = lastToken(subject)
    let peer = this.peerOf(head, keyToken)
    if (peer === 'stale') return
    if (peer !== undefined) peer.heardAt = performance.now()
    read(text, head.end, (kind, id, body) => {
      if (kind === 'hello') peer = this.onDirectHello(body, keyToken, head)
      else if (peer instanceof NatsPeer) peers.read(peer, checked(kind), id, body)
      else throw new UnknownSession()
    })
  }

  onEvents (subject: string, bytes: Buffer): void {
    const { peers } = this.options
    const text = bytes.toString()
    const end = text.indexOf('\n')
    const [token, life, except = ''] = text.slice(0, end).split(' ')
    const peer = peers.byToken.get(token)
    if (peer === undefined || peer.options.life !== life) return
    readEvents(this.options, { subject, peer, except }, text, end + 1)
  }

  private sendText (subject: string, text: string, reply?: string): void {
    this.options.send(subject, Buffer.from(text), reply)
  }

  /** The peer whose session a message belongs to; undefined where a hello has to come first. */
  private peerOf ({ token, theirName, ownName }: InboxHead, keyToken: string): NatsPeer | 'stale' | undefined {
    const { peers } = this.options
    const peer = peers.byToken.get(token)
    if (peer !== undefined && peer.options.keyToken !== keyToken) {
      throw new MalformedMessage('a message with another key')
    }
    if (ownName !== NONE && ownName !== peer?.options.ownName) {
      // It belongs to a session that is over here: a peer that does not know it is told.
      if (peer === undefined) this.tell({ token, keyToken }, 'hello', helloText(peers.hello(false)))
      return 'stale'
    }
    if (peer === undefined) return undefined
    if (theirName === NONE) return this.withoutSession(peer)
    peer.theirName ??= theirName
    if (peer.theirName === theirName) return peer
    if (isBefore(theirName, peer.theirName)) return 'stale'
    peers.lose(peer, 'disconnected')
    return undefined
  }

  /** The peer says that it has no session with this node: so one that it had is over. */
  private withoutSession (peer: NatsPeer): NatsPeer | undefined {
    if (peer.theirName === undefined) return peer
    this.options.peers.lose(peer, 'disconnected')
    return undefined
  }

  /** Tells a node with which there is no session, at most so often. @param theirName - the session that it has */
  private tell (
    { token, keyToken, theirName = NONE }: { token: string, keyToken: string, theirName?: string },
    kind: 'hello' | 'gone', body?: string
  ): void {
    if (this.told.waitMs > 0) return
    this.told.take()
    const { subjects, host, peers } = this.options
    const head = `${peers.token} ${NONE} ${theirName}\n`
    this.sendText(subjects.inboxOf(token, keyToken, host.key), head + messageText(kind, 0, body))
  }

  private onDirectHello (body: unknown, keyToken: string, { theirName, token }: InboxHead): NatsPeer | undefined {
    if (typeof body !== 'string') throw new MalformedMessage('a hello that is no text')
    const hello = readHello(body, keyToken)
    if (tokenOf(hello.id) !== token) throw new MalformedMessage('a hello with another id than that of its sender')
    const peer = this.take(hello)
    if (peer !== undefined && theirName !== NONE) peer.theirName ??= theirName
    if (peer === undefined && this.options.isLeaving()) this.tell({ token, keyToken, theirName }, 'gone')
    return peer
  }

  private take (hello: Hello): NatsPeer | undefined {
    const { peers } = this.options
    let peer = peers.byToken.get(tokenOf(hello.id))
    if (peer !== undefined && !peers.hasSameKey(peer, hello)) return undefined
    if (peer !== undefined && peer.options.life !== hello.life) {
      if (isBefore(hello.life, peer.options.life)) return undefined
      // It has lost its server, and is back.
      peers.lose(peer, hello.isLeaving ? 'lost' : 'disconnected')
      peer = undefined
    }
    if (peer === undefined) return this.meet(hello)
    peer.heardAt = performance.now()
    if (hello.isLeaving) peers.leave(peer)
    else peer.update(hello.revision)
    return peer
  }

  private meet (hello: Hello): NatsPeer | undefined {
    const { peers } = this.options
    const greeting = [['hello', helloText(peers.hello(false))]] as const
    return peers.meet(hello, { ownName: peers.nextSession(), greeting })
  }
}

/** What only nodes with a secret tell each other means nothing here. */
function checked (kind: InboxMessage): PeerMessage {
  if (kind === 'hello' || kind === 'key' || kind === 'proof') {
    throw new MalformedMessage('a message of a sealed session')
  }
  return kind
}
