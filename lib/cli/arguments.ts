import { parseArgs, type ParseArgsConfig } from 'node:util'
import { MAX_TIMER_MS } from '../contract/method-policy'
import { MAX_PORT } from '../option-table/kinds'
import { messageOf } from '../printable'
import { hasCredentials, hasPassword } from './credentials'

const OPTIONS = {
  discovery: { type: 'string' },
  transport: { type: 'string' },
  environment: { type: 'string' },
  key: { type: 'string' },
  listen: { type: 'string' },
  'tls-key': { type: 'string' },
  'tls-cert': { type: 'string' },
  'tls-ca': { type: 'string' },
  insecure: { type: 'boolean' },
  json: { type: 'boolean' },
  help: { type: 'boolean' },
  id: { type: 'string' },
  query: { type: 'string' },
  timeout: { type: 'string' },
  sides: { type: 'string' },
  payloads: { type: 'boolean' },
  count: { type: 'string' },
  module: { type: 'string' },
  port: { type: 'string' },
  'allow-calls': { type: 'boolean' }
} as const satisfies ParseArgsConfig['options']

/** The options that every command takes. */
const COMMON = [
  'discovery', 'transport', 'environment', 'key', 'listen', 'tls-key', 'tls-cert', 'tls-ca', 'insecure', 'json', 'help'
]

/** Those that one command takes beside them, and how many words may follow it. */
const COMMANDS: Readonly<Record<string, { readonly options: readonly string[], readonly words: [number, number] }>> = {
  nodes: { options: [], words: [0, 0] },
  services: { options: [], words: [0, 1] },
  call: { options: ['id', 'query', 'timeout'], words: [2, 3] },
  contracts: { options: ['module'], words: [1, 2] },
  'dead-letters': { options: ['count'], words: [0, 2] },
  doctor: { options: [], words: [0, 0] },
  groups: { options: [], words: [0, 0] },
  tap: { options: ['sides', 'payloads', 'count'], words: [0, 1] },
  console: { options: ['port', 'allow-calls'], words: [0, 0] },
  watch: { options: ['count'], words: [0, 0] }
}

/** The options that name URLs, with the variables that may hold a password, and what finds one. */
const URLS = [
  { name: 'discovery', variable: 'MESH_DISCOVERY', isSecret: hasPassword },
  { name: 'transport', variable: 'MESH_TRANSPORT', isSecret: hasCredentials }
] as const

/** The options that are numbers. No count of anything needs more than a timer takes. */
const NUMBERS = {
  timeout: { least: 1, most: MAX_TIMER_MS },
  count: { least: 1, most: MAX_TIMER_MS },
  // 0 is any that is free.
  port: { least: 0, most: MAX_PORT }
} as const

/** The command line is used in a wrong way; the message says how to use it. */
export class WrongUsage extends Error {
  override readonly name = 'WrongUsage'
}

/** The options of the command line. */
export type Values = ReturnType<typeof parse>['values']

/** What a user asks for. */
export interface Asked {
  readonly command: string
  readonly words: readonly string[]
  readonly values: Values
}

/**
 * Reads the arguments of the process; undefined where they ask for help.
 *
 * @throws {@link WrongUsage}
 */
export function readArguments (args: readonly string[]): Asked | undefined {
  const { values, positionals: [command = '', ...words] } = parse(args)
  if (values.help === true || command === 'help' || args.length === 0) return undefined
  const asked = { command, words, values }
  check(asked)
  return asked
}

/** @throws {@link WrongUsage} */
function check ({ command, words, values }: Asked): void {
  const known = Object.hasOwn(COMMANDS, command) ? COMMANDS[command] : undefined
  if (known === undefined) {
    throw new WrongUsage(`there is no command '${command}'; there are ${Object.keys(COMMANDS).join(', ')}`)
  }
  const wrong = Object.keys(values).find(name => !COMMON.includes(name) && !known.options.includes(name))
  if (wrong !== undefined) throw new WrongUsage(`${command} takes no --${wrong}`)
  const [least, most] = known.words
  if (words.length < least || words.length > most) {
    const expected = least === most ? String(least) : `${least} to ${most}`
    throw new WrongUsage(`${command} takes ${expected} words after it, and there are ${words.length}`)
  }
  // Now: nobody joins a mesh for a command that can't be run.
  for (const name of ['timeout', 'count', 'port'] as const) readNumber(name, values[name], 0)
  const secret = URLS.find(({ name, isSecret }) => isSecret(values[name] ?? ''))
  if (secret !== undefined) {
    throw new WrongUsage(`--${secret.name} holds a password or a token, which other programs of this machine can ` +
      `read; set the variable ${secret.variable} to the URL instead`)
  }
}

/** JSON of an argument. @throws {@link WrongUsage} */
export function readJson (name: string, text: string | undefined): unknown {
  if (text === undefined) return undefined
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new WrongUsage(`${name} is no JSON: ${messageOf(error)}; put texts into double quotes: '"a text"'`)
  }
}

/** A whole number within its bounds; `otherwise` without one. @throws {@link WrongUsage} */
export function readNumber (name: keyof typeof NUMBERS, text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise
  const { least, most } = NUMBERS[name]
  const value = Number(text)
  if (/^\d+$/.test(text) && value >= least && value <= most) return value
  throw new WrongUsage(`--${name} takes a whole number from ${least} to ${most}`)
}

function parse (args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true })
  } catch (error) {
    throw new WrongUsage(messageOf(error))
  }
}
