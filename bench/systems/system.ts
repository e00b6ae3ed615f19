/** What is done by every system: one service, `todos`, called and listened to from another process. */
export interface Todo {
  readonly id: number
  readonly title: string
  readonly notes: string
  readonly done: boolean
  readonly labels: readonly string[]
  readonly createdAt: string
}

/** The service that a system hosts. */
export interface Todos {
  /** Safe to repeat. */
  get (id: string): Promise<unknown>
  /** Not safe to repeat. */
  create (data: { readonly id: string }): Promise<unknown>
}

/** Where the nodes of one run meet: nothing of another run or system comes there. */
export interface Place {
  readonly name: string
  /** The UDP port of discovery; the 250 TCP ports from it on are for those that have to be told one. */
  readonly port: number
  /** Tells hosts of the same service from each other, from 0. */
  readonly replica: number
  /** Whether delays are left as they are by default, too: feathers-distributed takes 13 s to start then. */
  readonly defaults: boolean
}

export interface Host {
  /** Sends an event to all subscribers. */
  emit? (todo: Todo): void
}

/** One system: a node that hosts, one that calls, one that listens. Their processes end them. */
export interface System {
  host (place: Place, todos: Todos): Promise<Host>
  /** Resolves when the service can be called. */
  connect (place: Place): Promise<Todos>
  /** Starts one more node, which listens to the events of the host. */
  subscribe? (place: Place, heard: (todo: Todo) => void): Promise<void>
}

export const LOOPBACK = '127.0.0.1'

/** All nodes of this machine, and none of another one. */
export const BROADCAST = '127.255.255.255'
