import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DistributedModuleOptions, NodeInfo } from 'feathers-mesh'
import { TestProcesses, type TestProcess } from '../process'
import type { LoadReport } from './load'

/** One run of a call, as the replica wrote it down. */
export interface Run {
  readonly id: string
}

export type HostOptions = DistributedModuleOptions & { readonly work?: number }

/** Replicas of the jobs and a consumer, each a process, on a mesh of their own for each test. */
export class MeshProcesses {
  private readonly processes = new TestProcesses()
  private directory = ''

  constructor () {
    beforeEach(() => {
      this.directory = mkdtempSync(join(tmpdir(), 'feathers-mesh-'))
      writeFileSync(this.runsFile, '')
    })
    afterEach(() => rmSync(this.directory, { recursive: true, force: true }))
  }

  /** All runs of all replicas, those of killed ones included. */
  get runs (): Run[] {
    const lines = readFileSync(this.runsFile, 'utf8').split('\n').filter(line => line !== '')
    return lines.map(id => ({ id }))
  }

  async startHost (replica: string, options: HostOptions = {}, through?: readonly string[]): Promise<TestProcess> {
    const host = await this.run('host', { replica, runs: this.runsFile, ...options }, through)
    await host.ask('start')
    return host
  }

  async startConsumer (options: DistributedModuleOptions = {}, through?: readonly string[]): Promise<TestProcess> {
    const consumer = await this.run('consumer', options, through)
    await consumer.ask('start')
    return consumer
  }

  async run (program: string, options: object = {}, through?: readonly string[]): Promise<TestProcess> {
    return await this.processes.run(`../chaos/${program}`, { OPTIONS: JSON.stringify(options) }, through)
  }

  private get runsFile (): string {
    return join(this.directory, 'runs')
  }
}

/** Waits until the consumer knows exactly these nodes, each once. */
export async function nodesToBe (consumer: TestProcess, hosts: readonly TestProcess[]): Promise<void> {
  const ids = await Promise.all(hosts.map(async host => await host.ask<string>('id')))
  await consumer.until(`exactly these nodes: ${ids.join(', ')}`, async () => {
    const nodes = await consumer.ask<NodeInfo[]>('nodes')
    // A node is on the mesh before its app is set up, and hosts nothing until then.
    const others = nodes.filter(({ local, services }) => !local && services.length > 0).map(({ id }) => id)
    return nodes.length === 1 + ids.length && [...others].sort().join() === [...ids].sort().join()
  })
}

/** Waits until each of these replicas has answered this number of further calls of the load. */
export async function answers (
  consumer: TestProcess, replicas: readonly string[], { more = 50, path = 'jobs' } = {}
): Promise<void> {
  const before = await consumer.ask<Record<string, number>>('counts', path)
  await consumer.until(`${more} more answers from ${replicas.join(' and ')}`, async () => {
    const now = await consumer.ask<Record<string, number>>('counts', path)
    return replicas.every(name => (now[name] ?? 0) - (before[name] ?? 0) >= more)
  })
}

/** Ids that are there more than once. */
export function twice (runs: readonly Run[]): string[] {
  const seen = new Set<string>()
  return runs.map(({ id }) => id).filter(id => seen.has(id) || !seen.add(id))
}

export type { LoadReport }
