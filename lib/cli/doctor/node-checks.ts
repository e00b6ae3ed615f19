import type { Contract } from '../../contract/contract'
import { differences } from '../../contract/contract-differences'
import { VERSION } from '../../inspection/version'
import { unknownNames } from '../../option-table/known-variables'
import { MODULE_OPTIONS } from '../../options/module-options'
import { finding, type Finding } from './finding'
import { titleOf, type Evidence, type ExaminedNode } from './gather'
import { seenBy } from './sight-checks'

/** The oldest release of Node.js that package.json allows. */
const MIN_NODE = 20

/** What is wrong with nodes that are seen, and with what surrounds this command. */
export function checkNodes (evidence: Evidence): Finding[] {
  return [
    ...checkReplicas(evidence),
    ...checkVersions(evidence),
    ...checkVariables(evidence),
    ...finding('hello-too-large', [
      ...warned(evidence, ({ code }) => code === 'FEATHERS_MESH_HELLO'),
      ...seenBy(evidence.unseen, ['overlongHello', 'unsaidHello'])
    ]),
    ...finding('groups-unknown', warned(evidence, ({ code }) => code === 'FEATHERS_MESH_GROUPS')),
    ...finding('no-answers', evidence.nodes.filter(({ report }) => report === undefined)
      .map(({ node }) => `${titleOf(node)} answers no questions`), 'note')
  ]
}

/** A service on one node. */
interface Replica {
  readonly title: string
  readonly key: string
  readonly contract: Contract
}

/** Nodes with one key are replicas of each other; each is compared with the first one. */
function checkReplicas ({ nodes }: Evidence): Finding[] {
  const firsts = new Map<string, Replica>()
  return finding('replicas-differ', replicasOf(nodes).flatMap(replica => {
    const { title, key, contract } = replica
    const id = JSON.stringify([key, contract.path])
    const first = firsts.get(id)
    if (first === undefined) {
      firsts.set(id, replica)
      return []
    }
    // What it offers beyond the other one is a difference of replicas, too.
    const found = [differences(first.contract, contract), differences(contract, first.contract)]
    const [there, here] = found.map(each => each.join('; '))
    if (there !== '') return [`'${contract.path}' of ${title}, beside the one of ${first.title}: ${there}`]
    return here === '' ? [] : [`'${contract.path}' of ${first.title}, beside the one of ${title}: ${here}`]
  }))
}

function replicasOf (nodes: readonly ExaminedNode[]): Replica[] {
  return nodes.flatMap(({ node }) =>
    node.contracts.map(contract => ({ title: titleOf(node), key: node.key, contract })))
}

function checkVersions ({ nodes }: Evidence): Finding[] {
  const answering = nodes.flatMap(({ node, report }) =>
    report === undefined ? [] : [{ title: titleOf(node), ...report }])
  const oldNodes = answering.filter(({ node }) => Number.parseInt(node.replace(/^v/, ''), 10) < MIN_NODE)
  const others = answering.filter(({ version }) => version !== VERSION)
  return [
    ...finding('node-version', oldNodes.map(({ title, node }) => `${title} runs on Node.js ${node}`)),
    ...finding('package-version', others.map(({ title, version }) =>
      `${title} has feathers-mesh ${version}, this command ${VERSION}`))
  ]
}

function checkVariables (evidence: Evidence): Finding[] {
  const own = unknownNames(MODULE_OPTIONS, evidence.variables)
    .map(({ name, near }) => `${name} here${near === undefined ? '' : `; did you mean ${near}?`}`)
  return finding('unknown-variable', [
    ...own, ...warned(evidence, ({ text }) => text.includes('unknown variable'))
  ])
}

function warned (
  { nodes }: Evidence, isIt: (warning: { readonly code: string, readonly text: string }) => boolean
): string[] {
  return nodes.flatMap(({ node, report }) => (report?.warnings ?? []).filter(isIt)
    .map(({ text }) => `${titleOf(node)} warns: ${text.replace(/^feathers-mesh: /, '')}`))
}
