import { createHmac } from 'node:crypto'
import { io } from 'socket.io-client'
import type { Socket } from 'socket.io-client'
import { atMost } from '../until'

/** What is awaited of one answer, in milliseconds. */
const patience = 10_000

export interface Answer<Body> { status: number, body: Body }

/** What an error says to a REST or socket.io client. */
export interface Refusal { name: string, message: string, code: number }

/** A client of Feathers over REST, with a token or without. */
export class RestClient {
  constructor (private readonly url: string, private readonly token?: string) {}

  async request<Body> (
    method: string, path: string, body?: object, headers: Record<string, string> = {}
  ): Promise<Answer<Body>> {
    const authorization: Record<string, string> =
      this.token === undefined ? {} : { authorization: `Bearer ${this.token}` }
    const response = await fetch(this.url + path, {
      method,
      headers: { accept: 'application/json', 'content-type': 'application/json', ...authorization, ...headers },
      body: JSON.stringify(body)
    })
    return { status: response.status, body: await response.json() as Body }
  }

  async get<Body = Refusal> (path: string): Promise<Answer<Body>> {
    return await this.request('GET', path)
  }

  async post<Body = Refusal> (path: string, body: object): Promise<Answer<Body>> {
    return await this.request('POST', path, body)
  }

  /** Calls a custom method of a service. */
  async call<Body = Refusal> (path: string, method: string): Promise<Answer<Body>> {
    return await this.request('POST', path, {}, { 'x-service-method': method })
  }
}

/** Gives the token of a user. */
export async function signIn (url: string, email: string, password: string): Promise<string> {
  const credentials = { strategy: 'local', email, password }
  const { body } = await new RestClient(url).post<{ accessToken: string }>('/authentication', credentials)
  return body.accessToken
}

/** A Feathers client over socket.io, with the notes of the events that it receives. */
export class SocketClient {
  /** The texts of the notes in the events that it received. */
  readonly heard: string[] = []

  private constructor (private readonly socket: Socket) {
    socket.on('notes created', ({ text }: { text: string }) => this.heard.push(text))
  }

  static async connect (url: string): Promise<SocketClient> {
    const socket = io(url, { transports: ['websocket'], reconnection: false })
    const connected = new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve).once('connect_error', reject)
    })
    await atMost(patience, connected, () => `no connection to ${url}`)
    return new SocketClient(socket)
  }

  get isConnected (): boolean {
    return this.socket.connected
  }

  async call<Result> (method: string, path: string, ...args: unknown[]): Promise<Result> {
    const called = new Promise<Result>((resolve, reject) => {
      this.socket.emit(method, path, ...args, (error: Error | null, result: Result) => {
        if (error) reject(error)
        else resolve(result)
      })
    })
    return await atMost(patience, called, () => `no answer to '${method}' of '${path}'`)
  }

  async signIn (accessToken: string): Promise<void> {
    await this.call('create', 'authentication', { strategy: 'jwt', accessToken }, {})
  }

  close (): void {
    this.socket.disconnect()
  }
}

/** What a token of the samples says, where a test says nothing else. */
const claims = { iss: 'feathers-mesh', aud: 'feathers-mesh samples', sub: '1' }

export const inSeconds = (seconds: number): number => Math.ceil(Date.now() / 1000) + seconds

/** A token as somebody makes it who knows a secret, or believes so. */
export function makeToken (secret: string, payload: object = {}, header: object = { alg: 'HS256' }): string {
  const encode = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url')
  const said = `${encode(header)}.${encode({ ...claims, iat: inSeconds(-60), exp: inSeconds(60), ...payload })}`
  return `${said}.${createHmac('sha256', secret).update(said).digest('base64url')}`
}
