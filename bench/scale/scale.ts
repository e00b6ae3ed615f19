/**
 * What a growing mesh costs: many nodes with 20 services each, and feathers-distributed at the sizes that it bears.
 *
 * Usage: npm run bench:scale -- [--nodes=10,25,50] [--peer-nodes=5,10] [--services=20] [--nodes-per-process=1]
 *   [--settle=seconds] [--watch=seconds] [--write]
 */
import { parseArgs } from 'node:util'
import { installPeers, RESULTS } from '../peers'
import { fillDocuments } from '../report/documents'
import { writeRun } from '../report/run-files'
import { measureMesh, type MeshFigures } from './measure-mesh'
import { scaleTable } from './scale-table'
import type { ScaleSystem } from './scale-systems'

const PATIENCE = 110_000

const numbers = (list: string): number[] => list.split(',').filter(word => word !== '').map(Number)

async function main (): Promise<void> {
  installPeers()
  const { values } = parseArgs({
    options: {
      nodes: { type: 'string', default: '5,10,25,50' },
      'peer-nodes': { type: 'string', default: '5,10' },
      services: { type: 'string', default: '20' },
      'nodes-per-process': { type: 'string', default: '1' },
      // Connections that nobody uses are closed after a minute.
      settle: { type: 'string', default: '70' },
      watch: { type: 'string', default: '40' },
      write: { type: 'boolean', default: false }
    }
  })
  const pace = { patience: PATIENCE, settle: Number(values.settle) * 1_000, watch: Number(values.watch) * 1_000 }
  const sizes: Array<[ScaleSystem, number]> = [
    ...numbers(values['peer-nodes']).map((nodes): [ScaleSystem, number] => ['feathers-distributed', nodes]),
    ...numbers(values.nodes).map((nodes): [ScaleSystem, number] => ['ours', nodes])
  ]
  const meshes: MeshFigures[] = []
  for (const [system, nodes] of sizes) {
    console.error(`[${Math.round(performance.now() / 1_000)} s] ${system}, ${nodes} nodes`)
    const size = { nodes, services: Number(values.services), nodesPerProcess: Number(values['nodes-per-process']) }
    meshes.push(await measureMesh(system, size, pace))
  }
  console.log(scaleTable({ meshes }))
  if (!values.write) return
  writeRun(RESULTS, 'scale', { meshes })
  fillDocuments()
}

main().catch(error => {
  console.error(error)
  process.exitCode = 1
})
