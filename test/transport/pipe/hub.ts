import { createServer, type Socket } from 'node:net'
import { MAX_LINE, readLines, writeLine } from './lines'

/** How much may wait for a node before the others are told that it is behind. */
const MAX_BACKLOG = 8 * 1024 * 1024

type Member = Record<'isBehind' | 'hasLeft', boolean> & Record<'id' | 'key', string> & { readonly socket: Socket }

/** Passes lines on between nodes: `[to, …]` becomes `[from, …]`; from and to nobody are those of the hub itself. */
class Hub {
  private readonly members = new Map<string, Member>()
  private readonly banned = new Set<string>()
  readonly server = createServer(socket => this.accept(socket))

  /** Tells two nodes that they lost each other, and that they are there again. */
  cut (one: string, other: string): void {
    for (const [id, peerId] of [[one, other], [other, one]]) {
      const [member, peer] = [this.members.get(id), this.members.get(peerId)]
      if (member === undefined || peer === undefined) continue
      writeLine(member.socket, null, 'gone', peerId, 'lost')
      writeLine(member.socket, null, 'here', peerId, peer.key)
    }
  }

  /** Ends a node's connection, and takes no other one of it. */
  kill (id: string): void {
    this.banned.add(id)
    this.members.get(id)?.socket.destroy()
  }

  private accept (socket: Socket): void {
    let self: Member | undefined
    readLines(socket, MAX_LINE, ([to, kind, ...rest]) => {
      if (self === undefined) self = this.join(socket, kind, rest)
      else if (to === null) this.leave(self)
      else this.pass(self.id, this.members.get(String(to)), [kind, ...rest])
    })
    socket.on('drain', () => { if (self !== undefined) this.setBehind(self, false) })
    socket.on('close', () => {
      if (self !== undefined && this.members.delete(self.id)) this.tellOthers(self.id, 'gone', 'lost')
    })
  }

  private join (socket: Socket, kind: unknown, [id, key]: unknown[]): Member {
    if (kind !== 'join' || typeof id !== 'string' || typeof key !== 'string') throw new TypeError('no introduction')
    if (this.members.has(id) || this.banned.has(id)) throw new TypeError('another node has this id')
    for (const peer of this.members.values()) {
      if (peer.hasLeft) continue
      writeLine(socket, null, 'here', peer.id, peer.key)
      if (peer.isBehind) writeLine(socket, null, 'behind', peer.id)
      writeLine(peer.socket, null, 'here', id, key)
    }
    const self = { id, key, socket, isBehind: false, hasLeft: false }
    this.members.set(id, self)
    writeLine(socket, null, 'welcome')
    return self
  }

  private leave (member: Member): void {
    member.hasLeft = true
    this.tellOthers(member.id, 'gone', 'goodbye')
  }

  private pass (from: string, target: Member | undefined, message: unknown[]): void {
    if (target === undefined) return
    writeLine(target.socket, from, ...message)
    if (target.socket.writableLength > MAX_BACKLOG) this.setBehind(target, true)
    // Somebody sends on all the same.
    if (target.socket.writableLength > 8 * MAX_BACKLOG) target.socket.destroy()
  }

  private setBehind (member: Member, isBehind: boolean): void {
    if (member.isBehind === isBehind) return
    member.isBehind = isBehind
    this.tellOthers(member.id, isBehind ? 'behind' : 'ready')
  }

  private tellOthers (id: string, kind: string, what?: string): void {
    for (const peer of this.members.values()) if (peer.id !== id) writeLine(peer.socket, null, kind, id, what)
  }
}

// A program: its argument is the path to listen on, and tests ask for faults.
const hub = new Hub()
process.on('message', ([fault, one, other]: ['cut' | 'kill', string, string]) => {
  hub[fault](one, other)
  process.send?.('done')
})
process.on('disconnect', () => process.exit())
hub.server.listen(process.argv[2], () => process.send?.('listening'))
