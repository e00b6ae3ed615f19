import type { Contract } from '../../contract/contract'
import type { MeshObserver } from '../../inspection/observer/observer'
import { listen } from '../connect'
import type { Output } from '../output'
import { askAll, titleOf, type AnsweringNode } from './nodes'

const COLUMNS = ['METHOD', 'CALLS', 'ERRORS', 'IN FLIGHT', 'P50 MS', 'P95 MS', 'P99 MS']

/** A service on one node. */
interface Hosting extends AnsweringNode {
  readonly contract: Contract
}

/** Prints the services of the mesh, or one of them. Returns whether there is any. */
export async function showServices (
  observer: MeshObserver, path: string | undefined, output: Output
): Promise<boolean> {
  await listen(observer)
  const nodes = path === undefined ? observer.nodes.map(node => ({ node, report: undefined })) : await askAll(observer)
  const hostings = nodes.flatMap(answering => answering.node.contracts.map(contract => ({ ...answering, contract })))
    .filter(({ contract }) => path === undefined || contract.path === path)
  if (output.isJson) output.json(hostings.map(plainHosting))
  else if (hostings.length === 0) output.line(path === undefined ? 'no services' : `no node offers '${path}'`)
  else if (path === undefined) showAll(hostings, output)
  else for (const hosting of hostings) showOne(hosting, output)
  return hostings.length > 0
}

function plainHosting ({ node: { id, name, key }, report, contract }: Hosting): object {
  const served = report?.served.filter(({ path }) => path === contract.path)
  return { ...contract, node: { id, name, key }, ...served === undefined ? {} : { served } }
}

function showAll (hostings: readonly Hosting[], output: Output): void {
  const byPath = new Map<string, Hosting[]>()
  for (const hosting of hostings) {
    const { contract: { path } } = hosting
    const others = byPath.get(path)
    if (others === undefined) byPath.set(path, [hosting])
    else others.push(hosting)
  }
  const rows = [...byPath].sort(([a], [b]) => a < b ? -1 : 1)
  output.table(['SERVICE', 'NODES', 'METHODS', 'EVENTS'], rows.map(([path, hosts]) => {
    const unique = (names: string[]): string => [...new Set(names)].join(' ')
    return [
      path,
      unique(hosts.map(({ node }) => titleOf(node))),
      unique(hosts.flatMap(({ contract }) => contract.methods.map(({ name }) => name))),
      unique(hosts.flatMap(({ contract }) => contract.events))
    ]
  }))
}

function showOne ({ node, report, contract }: Hosting, output: Output): void {
  output.line(`${contract.path} on ${titleOf(node)} (${node.id}), key ${node.key}`)
  output.table(COLUMNS, contract.methods.map(({ name }) => {
    const figures = report?.served.find(({ path, method }) => path === contract.path && method === name)
    if (figures === undefined) return [name, ...Array<string>(6).fill('-')]
    const { calls, errors, inFlight, lastMinute: { p50 = '-', p95 = '-', p99 = '-' } } = figures
    const failed = Object.entries(errors).map(([code, count]) => `${code} ${count}`).join(', ')
    return [name, calls, failed === '' ? 0 : failed, inFlight, p50, p95, p99].map(String)
  }))
  output.line(`events: ${contract.events.join(' ')}`)
  output.line()
}
