import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Measures } from '../../lib/inspection/measures'
import { NodeMetrics } from '../../lib/metrics/node-metrics'
import { prometheusName } from '../../lib/metrics/prometheus-names'
import { Registry } from 'prom-client'
import type { DistributedModule } from 'feathers-mesh'
import { memoryMesh } from '../memory-mesh'
import { TodoService, type Todo } from '../todo-service'
import { until } from '../until'
import { readText, sampleOf } from './exposition'

const mesh = memoryMesh()
const FIND = { rpc_system_name: 'feathers_mesh', rpc_method: 'todos/find' }

/** A host and its caller, when the calls and events of the test have passed. */
async function used (): Promise<{ host: DistributedModule, caller: DistributedModule }> {
  const host = await mesh.start({ services: [TodoService], name: 'host', key: 'office' })
  const caller = await mesh.start({ remotes: ['todos'] })
  const todos = caller.remote<TodoService>('todos')
  const heard: Todo[] = []
  todos.on('created', todo => { heard.push(todo) })
  await until(async () => {
    await todos.create({ title: 'milk' })
    return heard.length > 0
  })
  for (let n = 0; n < 3; n++) await todos.find()
  await todos.get(99).catch(() => {})
  return { host, caller }
}

describe('the metrics of a node', () => {
  it('tell its calls and events by the names of OpenTelemetry', async () => {
    const { host, caller } = await used()
    const [served, called] = [host, caller].map(node => readText(node.metrics()))
    expect(sampleOf(served, 'rpc_server_call_duration_seconds_count', FIND)).toBe(3)
    expect(sampleOf(called, 'rpc_client_call_duration_seconds_count', FIND)).toBe(3)
    expect(sampleOf(served, 'rpc_server_call_duration_seconds_bucket', { ...FIND, le: '+Inf' })).toBe(3)
    const failed = { rpc_method: 'todos/get', error_type: 'NotFound' }
    expect(sampleOf(served, 'feathers_mesh_server_call_errors_total', failed)).toBe(1)
    expect(sampleOf(called, 'feathers_mesh_client_call_errors_total', failed)).toBe(1)
    const created = { messaging_system: 'feathers_mesh', messaging_destination_name: 'todos created' }
    expect(sampleOf(served, 'messaging_client_sent_messages_total', created)).toBeGreaterThan(0)
    expect(sampleOf(called, 'messaging_client_consumed_messages_total', created)).toBeGreaterThan(0)
  })

  it('tell who it is, whether it is ready, and which of its remotes has a host', async () => {
    const { host } = await used()
    const node = mesh.node({ remotes: ['todos', 'missing'] })
    expect(sampleOf(readText(node.metrics()), 'feathers_mesh_ready')).toBe(0)
    void node.start().catch(() => {})
    await until(() => sampleOf(readText(node.metrics()), 'feathers_mesh_remote_serving', { service: 'todos' }) === 1)
    const samples = readText(node.metrics())
    expect(sampleOf(samples, 'feathers_mesh_remote_serving', { service: 'missing' })).toBe(0)
    expect(sampleOf(samples, 'feathers_mesh_peers')).toBe(2)
    expect(sampleOf(samples, 'feathers_mesh_refusals_total', { reason: 'forbidden' })).toBe(0)
    const info = readText(host.metrics())
    expect(sampleOf(info, 'feathers_mesh_info', { name: 'host', key: 'office' })).toBe(1)
    expect(sampleOf(info, 'feathers_mesh_ready')).toBe(1)
  })

  it('go into a registry of prom-client, in both of its formats', async () => {
    const { host } = await used()
    const registry = new Registry()
    host.registerMetrics(registry)
    registry.setDefaultLabels({ app: 'shop' })
    const samples = readText(await registry.metrics())
    const own = readText(host.metrics())
    expect(sampleOf(samples, 'rpc_server_call_duration_seconds_count', { ...FIND, app: 'shop' })).toBe(3)
    expect(samples.map(({ name }) => name)).toEqual(expect.arrayContaining(own.map(({ name }) => name)))
    registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE as never)
    expect(await registry.metrics()).toMatch(/# TYPE feathers_mesh_refusals counter\nfeathers_mesh_refusals_total\{/)
    expect(() => { host.registerMetrics(registry) }).toThrow('already been registered')
  })

  it('have all that the dashboard asks for, and nothing that it does not show', async () => {
    const { host, caller } = await used()
    const unseen = new NodeMetrics({
      id: 'a', name: 'a', key: 'a', measures: new Measures({ hosts: () => true, calls: () => true, hears: () => true }),
      refusals: () => ({}), peers: () => 0, unseen: () => ['notReached', undefined, 'notReached'],
      isReady: () => false, remotes: () => []
    })
    const scraped = readText(host.metrics() + caller.metrics() + unseen.text)
    const dashboard = readFileSync(join(__dirname, '../../docs/grafana-dashboard.json'), 'utf8')
    const asked = new Set(Array.from(dashboard.matchAll(/([a-z_]+)\{job=/g), ([, name]) => name))
    const base = (name: string): string => name.replace(/_(?:bucket|sum|count)$/, '')
    expect([...asked].filter(name => scraped.every(each => each.name !== name))).toEqual([])
    const shown = new Set([...asked].map(base))
    expect([...new Set(scraped.map(({ name }) => base(name)))].filter(name => !shown.has(name))).toEqual([])
    expect(sampleOf(scraped, 'feathers_mesh_unreachable_peers', { reason: 'notReached' })).toBe(2)
  })

  it('count what no contract has as _OTHER, and escape the names of others', () => {
    const measures = new Measures({
      hosts: (path: string) => path.startsWith('a'), calls: () => true, hears: () => false
    })
    measures.served.of('a"\n\\b', 'find').ended(1, null)
    measures.served.of('strange', 'find').ended(1, new Error('x'))
    measures.events.of('strange', 'made').received++
    const source = {
      id: 'a', name: 'a', key: 'a', measures, refusals: () => ({}), peers: () => 0, unseen: () => [],
      isReady: () => true, remotes: () => []
    }
    const samples = readText(new NodeMetrics(source).text)
    const counts = samples.filter(({ name }) => name === 'rpc_server_call_duration_seconds_count')
    expect(counts.map(({ labels }) => labels.rpc_method)).toEqual(['a"\n\\b/find', '_OTHER'])
    const consumed = { messaging_destination_name: '_OTHER' }
    expect(sampleOf(samples, 'messaging_client_consumed_messages_total', consumed)).toBe(1)
  })

  it('have names by the rules of Prometheus', () => {
    expect(prometheusName('rpc.client.call.duration', 's')).toBe('rpc_client_call_duration_seconds')
    expect(prometheusName('messaging.client.sent.messages', '{message}', true))
      .toBe('messaging_client_sent_messages_total')
  })
})
