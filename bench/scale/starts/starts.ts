/**
 * How long a mesh takes to be complete, from the moment when all processes have loaded the package and are told to
 * start, or the newcomer is.
 *
 * Usage: npm run bench:starts -- [--work=distinct,replicas,known,newcomer,memory]
 *   [--discovery=broadcast,redis,dns,static] [--nodes=10,25,50] [--moleculer-nodes=10,25] [--services=20] [--rounds=3]
 *   [--against=commit] [--write]
 */
import { parseArgs } from 'node:util'
import { buildOf } from '../../against/other-build'
import { installPeers, RESULTS } from '../../peers'
import { fillDocuments } from '../../report/documents'
import { readRun, writeRun } from '../../report/run-files'
import { measureStart, START_WORK, type StartFigures, type StartSize, type StartWork } from './measure-start'
import { startsTable, type Starts, type StartsRun } from './starts-table'
import { WAYS, type WayName } from './ways'

const words = (list: string): string[] => list.split(',').filter(word => word !== '')

/** Those of some words that are known; throws for others. */
function known<T extends string> (list: string, all: readonly T[]): T[] {
  return words(list).map(word => {
    const found = all.find(each => each === word)
    if (found === undefined) throw new Error(`'${word}' is none of ${all.join(', ')}`)
    return found
  })
}

/** What Moleculer is measured at: nodes in processes of their own, which find each other by packets. */
const OF_MOLECULER: readonly StartWork[] = ['distinct', 'replicas']

/** All sizes that are asked for; nodes of one process need no discovery. */
function sizesOf (options: { work: string, discovery: string, nodes: string, services: string }): StartSize[] {
  const ways = known(options.discovery, Object.keys(WAYS) as WayName[]) // the keys of a constant
  const services = Number(options.services)
  return known(options.work, START_WORK).flatMap(work => (work === 'memory' ? ways.slice(0, 1) : ways).flatMap(way =>
    words(options.nodes).map((nodes): StartSize => ({ system: 'ours', work, way, services, nodes: Number(nodes) }))))
}

/** Those of Moleculer that are asked for. */
function moleculerSizesOf (options: { work: string, 'moleculer-nodes': string, services: string }): StartSize[] {
  const services = Number(options.services)
  return known(options.work, START_WORK).filter(work => OF_MOLECULER.includes(work)).flatMap(work =>
    words(options['moleculer-nodes']).map((nodes): StartSize =>
      ({ system: 'moleculer', work, way: 'broadcast', services, nodes: Number(nodes) })))
}

/** Both sides in turn, so that whatever else the machine does meets both. */
async function measure (size: StartSize, rounds: number, bench: string | undefined): Promise<Starts> {
  const here: StartFigures[] = []
  const there: StartFigures[] = []
  for (let round = 0; round < rounds; round++) {
    const { system, work, way, nodes } = size
    const what = `${system}, ${work}, ${way}, ${nodes} nodes, round ${round + 1}`
    console.error(`[${Math.round(performance.now() / 1_000)} s] ${what}`)
    here.push(await measureStart(size))
    if (bench !== undefined && system === 'ours') there.push(await measureStart(size, { bench }))
  }
  return { size, here, ...there.length === 0 ? {} : { there } }
}

/** Where a mesh stands in the table. */
const orderOf = ({ system, work, way, nodes, services }: StartSize): number => {
  const kind = (START_WORK.indexOf(work) * 2 + (system === 'ours' ? 0 : 1)) * 10 + Object.keys(WAYS).indexOf(way)
  return (kind * 10_000 + nodes) * 100 + services
}

/** After each mesh, as what comes may never end. */
function write (starts: readonly Starts[]): void {
  const before = readRun<StartsRun>(RESULTS, 'starts')?.starts ?? []
  writeRun(RESULTS, 'starts', { starts: merged(before, starts) })
  fillDocuments()
}

/** Large meshes take long, so each run replaces what it has measured again, and leaves the rest. */
function merged (before: readonly Starts[], now: readonly Starts[]): Starts[] {
  const again = new Set(now.map(({ size }) => orderOf(size)))
  const kept = before.filter(({ size }) => !again.has(orderOf(size)))
  return [...kept, ...now.map(({ size, here }) => ({ size, here }))]
    .sort((one, other) => orderOf(one.size) - orderOf(other.size))
}

async function main (): Promise<void> {
  const { values } = parseArgs({
    options: {
      work: { type: 'string', default: 'distinct,replicas,newcomer' },
      discovery: { type: 'string', default: 'broadcast' },
      nodes: { type: 'string', default: '10,25,50' },
      'moleculer-nodes': { type: 'string', default: '' },
      services: { type: 'string', default: '20' },
      rounds: { type: 'string', default: '3' },
      against: { type: 'string' },
      write: { type: 'boolean', default: false }
    }
  })
  const sizes = [...sizesOf(values), ...moleculerSizesOf(values)]
  if (values['moleculer-nodes'] !== '') installPeers()
  const other = values.against === undefined ? undefined : await buildOf(values.against)
  try {
    const starts: Starts[] = []
    for (const size of sizes) {
      starts.push(await measure(size, Number(values.rounds), other?.bench))
      if (values.write) write(starts)
    }
    console.log(startsTable({ starts, ...other === undefined ? {} : { against: other.commit } }))
  } finally {
    other?.remove()
  }
}

main().catch(error => {
  console.error(error)
  process.exitCode = 1
})
