import { resolveModule } from '../../lib/options/resolve-module'
import { objectsIn, schemaFaults, typeFaults } from './manifests'

interface Container {
  readonly env: ReadonlyArray<{ readonly name: string, readonly value?: string, readonly valueFrom?: object }>
  readonly ports: ReadonlyArray<{ readonly name: string, readonly containerPort: number }>
}

interface Manifest {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: { readonly name: string, readonly namespace: string }
  readonly stringData?: Record<string, string>
  readonly spec: {
    readonly clusterIP?: string
    readonly publishNotReadyAddresses?: boolean
    readonly selector: Record<string, unknown>
    readonly template: {
      readonly metadata: { readonly labels: Record<string, string> }
      readonly spec: { readonly terminationGracePeriodSeconds: number, readonly containers: readonly Container[] }
    }
  }
}

const manifests = objectsIn('docs/kubernetes.md') as Manifest[]
const of = (kind: string): Manifest[] => manifests.filter(each => each.kind === kind)
const labelsOf = ({ spec }: Manifest): Record<string, string> => spec.template.metadata.labels
const [mesh, gateway] = of('Service')

describe('the manifests of docs/kubernetes.md', () => {
  it('are the two Services, the two Deployments and the Secret of one namespace', () => {
    const kinds = manifests.map(({ kind }) => kind).sort()
    expect(kinds).toEqual(['Deployment', 'Deployment', 'Secret', 'Service', 'Service'])
    expect(new Set(manifests.map(({ metadata }) => metadata.namespace)).size).toBe(1)
  })

  it('are what Kubernetes takes, with fields that there are', () => {
    expect(schemaFaults(manifests)).toEqual([])
    expect(typeFaults(manifests)).toEqual([])
  }, 60_000)

  it('would be refused with a field that is misspelt or missing', () => {
    const text = JSON.stringify(manifests)
    for (const [right, wrong] of [
      ['publishNotReadyAddresses', 'publishNotReadyAddress'],
      ['terminationGracePeriodSeconds', 'terminationGracePeriod'],
      ['readinessProbe', 'readyProbe'], ['secretKeyRef', 'secretRef']
    ]) {
      const changed = JSON.parse(text.replaceAll(`"${right}"`, `"${wrong}"`)) as Manifest[]
      expect(typeFaults(changed).join()).toContain(wrong)
    }
    expect(schemaFaults(JSON.parse(text.replaceAll('"containers"', '"container"')) as Manifest[])).not.toEqual([])
  }, 120_000)

  it('have a headless Service for the Pods of all Deployments, ready or not', () => {
    expect(mesh.spec).toMatchObject({ clusterIP: 'None', publishNotReadyAddresses: true })
    for (const deployment of of('Deployment')) {
      expect(labelsOf(deployment)).toMatchObject(mesh.spec.selector)
      expect(labelsOf(deployment)).toMatchObject(deployment.spec.selector.matchLabels as object)
    }
    expect(of('Deployment').filter(each => labelsOf(each).app === gateway.spec.selector.app)).toHaveLength(1)
  })

  it('give each node variables that it takes, with the whole name of that Service and the secret', () => {
    const { name, namespace } = mesh.metadata
    const [secret] = of('Secret')
    for (const { spec: { template: { spec } } } of of('Deployment')) {
      const [{ env, ports }] = spec.containers
      const variables = Object.fromEntries(env.map(each => [each.name, each.value ?? secret.stringData?.secret]))
      expect(variables.MESH_DISCOVERY).toBe(`dns://${name}.${namespace}.svc.cluster.local.:4100`)
      expect(env.find(each => each.name === 'MESH_SECRET')?.valueFrom)
        .toEqual({ secretKeyRef: { name: secret.metadata.name, key: 'secret' } })
      expect(ports).toContainEqual({ name: 'mesh', containerPort: 4100 })
      const { faults, resolved } = resolveModule({}, variables)
      expect(faults).toEqual([])
      const stopMs = 5_000 + (resolved?.options.drainTimeout ?? Infinity)
      expect(spec.terminationGracePeriodSeconds * 1_000).toBeGreaterThan(stopMs)
    }
  })
})
