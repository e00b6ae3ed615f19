/**
 * What becomes of values on their way, for ours and its peers: made by sending them.
 *
 * Usage: npm run bench:values -- [--only=a,b] [--write]
 */
import { parseArgs } from 'node:util'
import { Child } from '../processes/child'
import { newPlace } from '../processes/pair'
import { installPeers, RESULTS } from '../peers'
import { fillDocuments } from '../report/documents'
import { writeRun } from '../report/run-files'
import { isSystemName, type SystemName } from '../systems/systems'
import { THROWN, VALUES } from './samples'
import { valuesTable, type ValuesRun, type Ways } from './values-table'

const SYSTEMS: readonly SystemName[] = ['ours', 'feathers-distributed', 'moleculer', 'nest']

interface Sides {
  readonly host: Child
  readonly caller: Child
}

async function start (system: SystemName): Promise<Sides> {
  const sides = { host: new Child('values/node'), caller: new Child('values/node') }
  const place = newPlace()
  try {
    await Promise.all(Object.values(sides).map(async side => await side.ask('load', { system, place })))
    await sides.host.ask('host')
    await sides.caller.ask('connect')
    return sides
  } catch (error) {
    await end(sides)
    throw error
  }
}

async function end ({ host, caller }: Sides): Promise<void> {
  await Promise.all([host.kill(), caller.kill()])
}

/** Sends values between two processes. A value may take a process with it: then the next one has new ones. */
class Route {
  private sides: Sides | undefined

  constructor (private readonly system: SystemName) {}

  async send (way: string, name: string): Promise<string> {
    this.sides ??= await start(this.system)
    const { host, caller } = this.sides
    const told = await caller.ask<string>(way, name).catch(() => 'ends the caller')
    const lives = await host.ask('ping').then(() => true, () => false)
    if (!lives || told === 'no answer' || told === 'ends the caller') await this.end()
    return lives ? told : 'ends the host'
  }

  async end (): Promise<void> {
    const { sides } = this
    this.sides = undefined
    if (sides !== undefined) await end(sides)
  }
}

async function measure (system: SystemName): Promise<Record<string, Ways>> {
  const ways: Record<string, Ways> = {}
  const route = new Route(system)
  try {
    for (const name of Object.keys(VALUES)) {
      ways[name] = { result: await route.send('result', name), argument: await route.send('argument', name) }
    }
    for (const name of Object.keys(THROWN)) ways[name] = { result: await route.send('thrown', name) }
    return ways
  } finally {
    await route.end()
  }
}

async function main (): Promise<void> {
  installPeers()
  const { values } = parseArgs({ options: { only: { type: 'string' }, write: { type: 'boolean', default: false } } })
  const run: Partial<Record<SystemName, Readonly<Record<string, Ways>>>> = {}
  for (const system of values.only?.split(',').filter(isSystemName) ?? SYSTEMS) run[system] = await measure(system)
  console.log(valuesTable(run satisfies ValuesRun))
  if (!values.write) return
  writeRun(RESULTS, 'values', { systems: run })
  fillDocuments()
}

main().catch(error => {
  console.error(error)
  process.exitCode = 1
})
