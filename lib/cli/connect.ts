import { readFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { ConfigurationError } from '../errors'
import { MeshObserver } from '../inspection/observer/observer'
import type { Logger } from '../log'
import type { Variables } from '../option-table/variable'
import { MODULE_OPTIONS, type DistributedModuleOptions } from '../options/module-options'
import { resolveModule } from '../options/resolve-module'
import { messageOf, printable } from '../printable'
import { WrongUsage, type Values } from './arguments'
import type { Write } from './output'

/** Answers are there within a second. */
const LISTEN_MS = 900
/** When nobody else has come for so long, all are there. */
const QUIET_MS = 250
const POLL_MS = 10

/** The options of a node that are arguments, too. */
const OF_NODE = ['discovery', 'transport', 'environment', 'key', 'listen'] as const

/**
 * Joins the mesh that the options and variables name.
 *
 * @throws {@link ConfigurationError}, {@link WrongUsage} for a file that can't be read
 */
export async function connect (values: Values, variables: Variables, warn: Write): Promise<MeshObserver> {
  const { faults, resolved } = resolveModule(optionsOf(values, loggerTo(warn)), variables)
  if (resolved === undefined) throw new ConfigurationError(faults)
  const { options: { key }, log, settings } = resolved
  const observer = new MeshObserver(settings().transport, { key, name: `feathers-mesh-${process.pid}`, log })
  await observer.start()
  return observer
}

/** Waits until all nodes that are there have answered, or one of them is what the command needs. */
export async function listen (observer: MeshObserver, isEnough: () => boolean = () => false): Promise<void> {
  const startedAt = performance.now()
  let count = 0
  let changedAt = startedAt
  for (let now = startedAt; now - startedAt < LISTEN_MS && !isEnough(); now = performance.now()) {
    const { length } = observer.nodes
    if (length !== count) changedAt = now
    count = length
    if (count > 0 && now - changedAt > QUIET_MS) return
    await pause(POLL_MS)
  }
}

function optionsOf (values: Values, logger: Logger): DistributedModuleOptions {
  const { insecure, 'tls-key': tlsKey, 'tls-cert': cert, 'tls-ca': ca } = values
  const files = [tlsKey, cert, ca].filter(file => file !== undefined)
  if (files.length !== 0 && files.length !== 3) throw new WrongUsage('give --tls-key, --tls-cert and --tls-ca together')
  return {
    ...nodeOptionsOf(values),
    ...insecure === undefined ? {} : { insecure },
    ...tlsKey === undefined || cert === undefined || ca === undefined
      ? {}
      : { tls: { key: read(tlsKey), cert: read(cert), ca: read(ca) } },
    logger
  }
}

/** What arguments say for options of a node: read as its variables are, so that both take the same words. */
function nodeOptionsOf (values: Values): Pick<DistributedModuleOptions, typeof OF_NODE[number]> {
  const given = OF_NODE.flatMap(name => {
    const text = values[name]
    return text === undefined ? [] : [[name, MODULE_OPTIONS[name].kind.parse(text)]]
  })
  // What an option can't take is told with all that is wrong.
  return Object.fromEntries(given) as DistributedModuleOptions
}

function read (file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new WrongUsage(`${file} can't be read: ${messageOf(error)}`)
  }
}

/** Warnings go where they are in nobody's way. */
function loggerTo (warn: Write): Logger {
  const tell = (_fields: unknown, message?: string): void => warn(`feathers-mesh: ${printable(message ?? '')}\n`)
  const silent = (): void => {}
  return { error: tell, warn: tell, info: silent, debug: silent }
}
