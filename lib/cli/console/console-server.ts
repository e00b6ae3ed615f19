import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { MeshObserver } from '../../inspection/observer/observer'
import { messageOf } from '../../printable'
import { WrongUsage } from '../arguments'
import { shownJson } from '../shown-json'
import { callFor, WrongCall } from './console-calls'
import { hasToken, isFromHere, PAGE_HEADERS, type GuardTerms } from './guard'
import { LiveFeed } from './live-feed'
import { readPage } from './page-files'

/** Nobody else of this network can reach it. */
const HOST = '127.0.0.1'
/** Connections at a time: those of a few browsers. */
const MAX_CONNECTIONS = 64

/** What a console may do. */
export interface ConsoleOptions {
  /** 0 for any that is free. */
  readonly port: number
  /** Whether the page may call methods. */
  readonly allowsCalls: boolean
}

/** Serves the page to browsers of this machine, for who has the token. */
export class ConsoleServer {
  private readonly token = randomBytes(24).toString('base64url')
  private readonly page = readPage()
  private readonly feed: LiveFeed
  private readonly server: Server
  private guard: GuardTerms = { port: 0, token: this.token }

  constructor (private readonly observer: MeshObserver, private readonly options: ConsoleOptions) {
    this.feed = new LiveFeed(observer)
    this.server = createServer((request, response) => {
      this.answer(request, response).catch((error: unknown) => {
        if (response.headersSent) response.destroy()
        else endWith(response, error instanceof WrongCall ? 400 : 500, { error: { message: messageOf(error) } })
      })
    })
    this.server.maxConnections = MAX_CONNECTIONS
  }

  /**
   * Begins to serve.
   *
   * @returns the URL with the token: in the part that browsers send to nobody
   * @throws {@link WrongUsage} when the port is taken, or none
   */
  async open (): Promise<string> {
    try {
      this.server.listen(this.options.port, HOST)
      await once(this.server, 'listening')
    } catch (error) {
      throw new WrongUsage(`the console can't be served: ${messageOf(error)}; --port takes another port`)
    }
    this.server.on('error', () => {})
    const address = this.server.address()
    const port = typeof address === 'object' && address !== null ? address.port : this.options.port
    this.guard = { port, token: this.token }
    return `http://${HOST}:${port}/#${this.token}`
  }

  /** Ends all that pages have open. */
  async close (): Promise<void> {
    this.feed.close()
    const closed = once(this.server, 'close')
    this.server.close()
    this.server.closeAllConnections()
    await closed
  }

  private async answer (request: IncomingMessage, response: ServerResponse): Promise<void> {
    for (const [name, value] of Object.entries(PAGE_HEADERS)) response.setHeader(name, value)
    if (!isFromHere(request, this.guard)) return endWith(response, 403, { error: { message: 'not from here' } })
    const { method, url = '' } = request
    const file = method === 'GET' ? this.page.get(url.split('?', 1)[0] ?? '') : undefined
    if (file !== undefined) {
      response.writeHead(200, { 'content-type': file.type, 'content-length': file.body.length })
      response.end(file.body)
      return
    }
    if (!hasToken(request, this.guard)) return endWith(response, 401, { error: { message: 'no token, or another' } })
    await this.answerPage(`${method ?? ''} ${url}`, request, response)
  }

  private async answerPage (asked: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { feed, observer, options: { allowsCalls } } = this
    if (asked === 'GET /api/stream') {
      if (!feed.add(response, { allowsCalls })) endWith(response, 503, { error: { message: 'too many pages look' } })
      return
    }
    if (asked !== 'POST /api/call') return endWith(response, 404, { error: { message: 'there is nothing' } })
    if (!allowsCalls) return endWith(response, 403, { error: { message: 'the command runs without --allow-calls' } })
    endWith(response, 200, await callFor(observer, request))
  }
}

function endWith (response: ServerResponse, status: number, body: object): void {
  // First: what can't be written as JSON throws, and gets another answer.
  const text = shownJson(body)
  // What is left of the request is of no interest.
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', connection: 'close' })
  response.end(text)
}
