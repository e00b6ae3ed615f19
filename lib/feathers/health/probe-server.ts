import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { Socket } from 'node:net'
import { ConfigurationError } from '../../errors'
import { messageOf } from '../../printable'
import { answerTo, probeOf, writeAnswer, type ProbeSource } from './probes'

/** Connections at a time: a probe takes one, for a moment. The oldest gives way, so that nobody keeps probes out. */
const MAX_CONNECTIONS = 100
/** Time for one request. */
const REQUEST_MS = 5_000

/** Where a node answers probes beside its app. */
export interface ProbePlace {
  readonly host: string
  readonly port: number
}

/** A server for probes alone, for nodes without HTTP. */
export class ProbeServer {
  private server: Server | undefined

  constructor (private readonly place: ProbePlace, private readonly source: ProbeSource) {}

  /** @throws {@link ConfigurationError} when the port is taken, or the address is not one of this machine */
  async open (): Promise<void> {
    const { place: { host, port }, source } = this
    const options = { requestTimeout: REQUEST_MS, headersTimeout: REQUEST_MS, connectionsCheckingInterval: REQUEST_MS }
    const server = createServer(options, (request, response) => {
      response.setHeader('connection', 'close')
      const path = probeOf(request, source)
      if (path === undefined) response.writeHead(404).end()
      else writeAnswer(response, answerTo(path, source))
    })
    limitConnections(server)
    server.listen(port, host)
    try {
      await once(server, 'listening')
    } catch (error) {
      throw new ConfigurationError([`the probes of option 'health' can't be served: ${messageOf(error)}`])
    }
    // Whatever goes wrong later must not end the process.
    server.on('error', () => {})
    this.server = server
  }

  /** Closes it, with all of its connections. */
  async close (): Promise<void> {
    const { server } = this
    if (server === undefined) return
    this.server = undefined
    server.close()
    server.closeAllConnections()
    await once(server, 'close')
  }
}

function limitConnections (server: Server): void {
  const open = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    open.add(socket)
    socket.once('close', () => open.delete(socket))
    const [oldest] = open
    if (open.size > MAX_CONNECTIONS) oldest.destroy()
  })
}
