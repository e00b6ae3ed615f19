import { spawnSync } from 'node:child_process'
import { resolveModule } from '../../lib/options/resolve-module'
import { objectsIn } from './manifests'

interface Compose {
  readonly services: Record<string, {
    readonly environment: Record<string, string>
    readonly networks: object
    readonly stop_grace_period: string
  }>
  readonly networks: Record<string, unknown>
}

const MESH_SECRET = 'x'.repeat(32)
const files = objectsIn('docs/docker.md') as Compose[]
const hasCompose = spawnSync('docker', ['compose', 'version']).status === 0
if (!hasCompose) console.warn('docs/docker.md is not shown to Docker Compose, because it is not on this machine.')
const itWithCompose = hasCompose ? it : it.skip

describe('the compose files of docs/docker.md', () => {
  it('give each service variables that a node takes, its network, and time to stop', () => {
    expect(files).toHaveLength(2)
    for (const { services, networks } of files) {
      expect(Object.keys(services)).toEqual(['todos', 'gateway'])
      for (const { environment, stop_grace_period: grace, ...service } of Object.values(services)) {
        const { MESH_SECRET_FILE: file, ...variables } = environment
        // The file is in the container.
        const secret = file === undefined ? {} : { MESH_SECRET }
        const { faults, resolved } = resolveModule({}, { ...variables, ...secret })
        expect(faults).toEqual([])
        expect(parseInt(grace, 10) * 1_000).toBeGreaterThan(resolved?.options.drainTimeout ?? Infinity)
        const names = Array.isArray(service.networks) ? service.networks : Object.keys(service.networks)
        expect(Object.keys(networks)).toEqual(names)
      }
    }
  })

  itWithCompose('are accepted by Docker Compose', () => {
    for (const file of files) {
      const env = { ...process.env, MESH_SECRET }
      const options = { input: JSON.stringify(file), encoding: 'utf8' as const, env }
      const { status, stderr } = spawnSync('docker', ['compose', '-f', '-', 'config', '-q'], options)
      expect([status, stderr]).toEqual([0, ''])
    }
  })
})
