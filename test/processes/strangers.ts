/** Somebody who opens connections to a port of a node, and opens them again as soon as they are closed. */
import { connect, type Socket } from 'node:net'
import { obey } from './obey'

interface Orders {
  readonly port: number
  readonly count: number
  /** What each connection says first, in Base64. */
  readonly says?: string
  /** Whether connections that are closed are opened again. */
  readonly reopens: boolean
}

/** Milliseconds until a connection is opened again: fewer would take the machine from the node, and tell no more. */
const PAUSE = 100

const sockets = new Set<Socket>()
let opened = 0
let ended = false

function open (orders: Orders, says: Buffer): void {
  if (ended) return
  const socket = connect(orders.port, '127.0.0.1')
  sockets.add(socket)
  socket.on('error', () => {}).on('connect', () => {
    opened++
    socket.write(says)
  })
  socket.resume().once('close', () => {
    sockets.delete(socket)
    if (orders.reopens) setTimeout(() => open(orders, says), PAUSE)
  })
}

obey({
  open (orders: Orders) {
    for (let n = 0; n < orders.count; n++) open(orders, Buffer.from(orders.says ?? '', 'base64'))
  },
  /** How many connections there were, and how many there are. */
  opened: () => opened,
  openNow: () => [...sockets].filter(({ readyState }) => readyState === 'open').length,
  end () {
    ended = true
    for (const socket of sockets) socket.destroy()
  }
})
