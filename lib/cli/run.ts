import { ConfigurationError } from '../errors'
import type { MeshObserver } from '../inspection/observer/observer'
import type { Variables } from '../option-table/variable'
import { messageOf, printable } from '../printable'
import { readArguments, WrongUsage, type Asked } from './arguments'
import { callMethod } from './commands/call'
import { showConsole, type ConsoleTerms } from './commands/console'
import { showContracts } from './commands/contracts'
import { showDeadLetters } from './commands/dead-letters'
import { showGroups } from './commands/groups'
import { showDoctor, type DoctorTerms } from './commands/doctor'
import { showNodes } from './commands/nodes'
import { showServices } from './commands/services'
import { showTap, type TapTerms } from './commands/tap'
import { showWatch, type WatchTerms } from './commands/watch'
import { connect } from './connect'
import type { Load } from './contracts/sources'
import { Output, type Write } from './output'
import type { Terminal } from './terminal'
import { USAGE } from './usage'

/** What the process gives the command line. */
export interface Terms {
  readonly args: readonly string[]
  readonly variables: Variables
  readonly out: Write
  readonly err: Write
  /** Ends what goes on until somebody ends it. */
  readonly signal: AbortSignal
  /** Where somebody looks, and presses keys. @default nobody does */
  readonly terminal?: Terminal
  /** Loads a module that an argument names. */
  readonly load: Load
}

/** The longest error that is printed: a service may throw any text. */
const MAX_ERROR_LENGTH = 2_000

/** Runs a command. Returns the code that the process ends with: 0, 1 where it found nothing or failed, 2 for usage. */
export async function run (terms: Terms): Promise<number> {
  const { args, out, err } = terms
  try {
    const asked = readArguments(args)
    if (asked === undefined) {
      out(USAGE)
      return 0
    }
    return await runCommand(asked, terms) ? 0 : 1
  } catch (error) {
    const text = messageOf(error).split('\n').map(line => printable(line, MAX_ERROR_LENGTH)).join('\n')
    const isUsage = error instanceof WrongUsage || error instanceof ConfigurationError
    err(isUsage ? `${text}\nfeathers-mesh --help shows all commands and options\n` : `${text}\n`)
    return isUsage ? 2 : 1
  }
}

async function runCommand (asked: Asked, terms: Terms): Promise<boolean> {
  const { variables, out, err, load } = terms
  const output = new Output(out, asked.values.json === true)
  const observe = async <T>(action: (observer: MeshObserver) => Promise<T>): Promise<T> => {
    const observer = await connect(asked.values, variables, err)
    try {
      return await action(observer)
    } finally {
      await observer.stop()
    }
  }
  if (asked.command === 'contracts') return await showContracts(asked, { output, load, observe })
  return await observe(async observer => await show(observer, asked, { ...terms, output, warn: err }))
}

async function show (
  observer: MeshObserver, asked: Asked, terms: TapTerms & DoctorTerms & WatchTerms & ConsoleTerms
): Promise<boolean> {
  const { command, words: [path] } = asked
  switch (command) {
    case 'nodes': return await showNodes(observer, terms.output)
    case 'services': return await showServices(observer, path, terms.output)
    case 'doctor': return await showDoctor(observer, terms)
    case 'watch':
      await showWatch(observer, asked, terms)
      return true
    case 'console':
      await showConsole(observer, asked, terms)
      return true
    case 'dead-letters': return await showDeadLetters(observer, asked, terms.output)
    case 'groups': return await showGroups(observer, terms.output)
    case 'call':
      await callMethod(observer, asked, terms.output)
      return true
    default:
      await showTap(observer, asked, terms)
      return true
  }
}
