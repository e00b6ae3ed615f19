import { FLAG_WORDS } from '../../option-table/kinds'
import type { Variable, Variables } from '../../option-table/variable'

const PREFIX = 'COTE_DISCOVERY_REDIS'
/** Numbers of ioredis, which variables give as text. */
const NUMBERS = ['port', 'db', 'family', 'connectTimeout', 'commandTimeout', 'keepAlive']
/** Words for true and false. */
const FLAGS = ['tls']

/** `CONNECT_TIMEOUT` as ioredis names it: `connectTimeout`. cote makes two options of it that there are not. */
function optionOf (variable: string): string {
  return variable.toLowerCase().replace(/_(\w)/g, (_all, letter: string) => letter.toUpperCase())
}

function valueOf (name: string, text: string): unknown {
  if (NUMBERS.includes(name)) return /^\d+$/.test(text) ? Number(text) : text
  if (!FLAGS.includes(name)) return text
  return FLAG_WORDS.false.includes(text.toLowerCase()) ? undefined : true
}

/** The server that cote's variables name: `COTE_DISCOVERY_REDIS_URL`, `_HOST`, `_PORT`, `_PASSWORD`, and others. */
function readRedisVariables (variables: Variables): unknown {
  const options: Record<string, unknown> = {}
  let isOn = false
  for (const [name, text = ''] of Object.entries(variables)) {
    if (!name.startsWith(PREFIX) || text === '') continue
    const rest = name.slice(PREFIX.length)
    if (rest === '') isOn ||= !FLAG_WORDS.false.includes(text.toLowerCase())
    if (!rest.startsWith('_')) continue
    isOn = true
    const option = optionOf(rest.slice(1))
    options[option] = valueOf(option, text)
  }
  return isOn ? options : undefined
}

/** Not one that is ignored where it is wrong: the node would look for others in another place, without a word. */
export const redisVariables: Variable = { name: `${PREFIX}_…`, read: readRedisVariables }

/** All variables but these: for a node that finds others by something that counts before them. */
export function withoutRedis (variables: Variables): Variables {
  return Object.fromEntries(Object.entries(variables).filter(([name]) => !name.startsWith(PREFIX)))
}
