/** How much a message matters; the names are those of the methods of a {@link Logger}. */
export type LogLevel = 'error' | 'warn' | 'info' | 'debug'

/** Where a message goes on a node without a logger. */
type Default =
  /** To `process.emitWarning`, with a type and a code where programs may filter by them. */
  | { readonly type?: string, readonly code?: string }
  /** To standard output, where users of cote look for it. */
  | 'output'
  /** Nowhere. */
  | 'none'

/** What is fixed for all messages of one code. */
interface MessageKind {
  readonly level: LogLevel
  readonly otherwise: Default
  /** Whether its texts may hold what the program, or its database, threw. */
  readonly quotes?: true
}

const PLAIN = {} as const
const DISCOVERY = { code: 'FEATHERS_MESH_DISCOVERY' } as const

/** Each message of the log has one of these codes, which stay as they are; docs/logging.md describes them. */
export const LOG_CODES = {
  // Options, and functions of the program.
  FEATHERS_MESH_OPTIONS: { level: 'warn', otherwise: PLAIN },
  FEATHERS_MESH_OPEN: { level: 'warn', otherwise: { type: 'SecurityWarning', code: 'FEATHERS_MESH_OPEN' } },
  FEATHERS_MESH_UNCHECKED: { level: 'warn', otherwise: { code: 'FEATHERS_MESH_UNCHECKED' } },
  FEATHERS_MESH_FUNCTION: { level: 'error', otherwise: PLAIN, quotes: true },
  FEATHERS_MESH_CREDENTIALS_KEPT: { level: 'error', otherwise: PLAIN, quotes: true },
  FEATHERS_MESH_CERTIFICATE_EXPIRED: { level: 'error', otherwise: PLAIN },
  // Services of this node.
  FEATHERS_MESH_NOT_OFFERED: { level: 'warn', otherwise: PLAIN },
  FEATHERS_MESH_ALLOW: { level: 'error', otherwise: PLAIN },
  FEATHERS_MESH_SERVICE_OPTIONS: { level: 'warn', otherwise: PLAIN },
  // Services of other nodes.
  FEATHERS_MESH_SERVICE: { level: 'warn', otherwise: { code: 'FEATHERS_MESH_SERVICE' }, quotes: true },
  FEATHERS_MESH_PLACEMENT: { level: 'warn', otherwise: PLAIN },
  FEATHERS_MESH_ROUTE: { level: 'warn', otherwise: { code: 'FEATHERS_MESH_ROUTE' } },
  FEATHERS_MESH_CONTRACT: {
    level: 'warn', otherwise: { type: 'ContractWarning', code: 'FEATHERS_MESH_CONTRACT' }
  },
  FEATHERS_MESH_FAILURE: { level: 'error', otherwise: { code: 'FEATHERS_MESH_FAILURE' }, quotes: true },
  // Events.
  FEATHERS_MESH_EVENT_UNSENT: { level: 'error', otherwise: PLAIN, quotes: true },
  FEATHERS_MESH_EVENT_DROPPED: { level: 'error', otherwise: PLAIN, quotes: true },
  FEATHERS_MESH_LISTENER: { level: 'error', otherwise: PLAIN, quotes: true },
  FEATHERS_MESH_GROUPS: { level: 'warn', otherwise: PLAIN },
  // Other nodes, and how they are found.
  FEATHERS_MESH_REFUSED: { level: 'warn', otherwise: { type: 'SecurityWarning', code: 'FEATHERS_MESH_REFUSED' } },
  FEATHERS_MESH_HELLO: { level: 'warn', otherwise: PLAIN },
  FEATHERS_MESH_DISCOVERY_LOST: { level: 'warn', otherwise: DISCOVERY },
  FEATHERS_MESH_DISCOVERY_BACK: { level: 'info', otherwise: DISCOVERY },
  FEATHERS_MESH_SERVER_LOST: { level: 'warn', otherwise: DISCOVERY },
  FEATHERS_MESH_SERVER_BACK: { level: 'info', otherwise: DISCOVERY },
  FEATHERS_MESH_NODE_JOINED: { level: 'debug', otherwise: 'none' },
  FEATHERS_MESH_NODE_LEFT: { level: 'debug', otherwise: 'none' },
  FEATHERS_MESH_STATUS: { level: 'info', otherwise: 'output' },
  FEATHERS_MESH_TRANSPORT: { level: 'warn', otherwise: PLAIN },
  // The life of this node.
  FEATHERS_MESH_JOINED: { level: 'info', otherwise: 'none' },
  FEATHERS_MESH_LEFT: { level: 'info', otherwise: 'none' },
  FEATHERS_MESH_GRACE_PERIOD: { level: 'warn', otherwise: PLAIN },
  FEATHERS_MESH_STOPPING: { level: 'info', otherwise: 'none' },
  FEATHERS_MESH_STOP_FAILED: { level: 'error', otherwise: PLAIN, quotes: true },
  FEATHERS_MESH_LOGGER: { level: 'error', otherwise: { code: 'FEATHERS_MESH_LOGGER' }, quotes: true }
} as const satisfies Readonly<Record<string, MessageKind>>

/** The code of a message. */
export type LogCode = keyof typeof LOG_CODES

/** What is fixed for the messages of a code. */
export function messageKind (code: LogCode): MessageKind {
  return LOG_CODES[code]
}

const QUOTING: ReadonlySet<string> =
  new Set(Object.entries<MessageKind>(LOG_CODES).filter(([, { quotes }]) => quotes === true).map(([code]) => code))

/** Whether texts of a code may hold what the program threw, which is not for all who may see the rest. */
export function mayQuote (code: string): boolean {
  return QUOTING.has(code)
}
