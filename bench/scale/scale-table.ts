import { short } from '../report/statistics'
import { table } from '../report/table'
import { titleOf } from '../systems/systems'
import type { MeshFigures } from './measure-mesh'

export interface ScaleRun {
  readonly meshes: readonly MeshFigures[]
}

const HEAD = [
  'mesh', 'nodes', 'services', 'all see all', 'packets received until then', 'sent per s at rest', 'received per s',
  'UDP sockets per node', 'TCP sockets per node, at rest', 'memory per node over Feathers', 'CPU per node at rest'
]

/** One line for each mesh. */
export function scaleTable ({ meshes }: ScaleRun): string {
  return table(HEAD, meshes.map(mesh => [
    mesh.system === 'ours' ? 'ours' : titleOf(mesh.system),
    String(mesh.nodes),
    String(mesh.nodes * mesh.services),
    mesh.allSeeAll === null ? 'never' : `${short(mesh.allSeeAll / 1_000)} s`,
    short(mesh.startReceived),
    short(mesh.sent),
    short(mesh.received),
    short(mesh.udp),
    `${short(mesh.tcpAtStart)}, ${short(mesh.tcp)}`,
    `${short((mesh.memory - mesh.feathersMemory) / 1e6)} MB`,
    `${short(mesh.cpu * 100)} %`
  ]))
}
