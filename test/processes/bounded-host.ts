/** A node for those who go beyond its bounds: its service answers immediately, late, at length, or with odd errors. */
import { readFileSync } from 'node:fs'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { feathers } from '@feathersjs/feathers'
import { DistributedModule, type DistributedModuleOptions } from 'feathers-mesh'
import { obey, stopOnSigterm } from './obey'
import { oddErrors, oddResults } from './odd-errors'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

const options = JSON.parse(process.env.HOST_OPTIONS ?? '{}') as DistributedModuleOptions
const app = feathers()
let release: () => void = () => {}
const held = new Promise<void>(resolve => { release = resolve })
let running = 0

app.use('jobs', {
  async find () { return 'found' },
  async get (id: string | number) {
    running++
    await held
    running--
    return id
  },
  async create (data: { length?: number }) {
    if (typeof data.length === 'number') return 'x'.repeat(data.length)
    running++
    await held
    running--
    return 'done'
  },
  async update (_id: null, data: unknown) { return JSON.stringify(data).length },
  async patch (id: string | number) { return oddResults[String(id)]?.() },
  async remove (id: string | number) { throw oddErrors[String(id)]?.() }
})

const mesh = DistributedModule.forRoot({ ...options, app })
stopOnSigterm(async () => {
  release()
  await mesh.stop()
})

obey({
  start: () => mesh.start(),
  counters: () => mesh.counters(),
  running: () => running,
  release: () => release(),
  leave: () => mesh.stop(),
  emit (length: number) { app.service('jobs').emit('created', 'x'.repeat(length)) },
  /** Bytes that are in use: garbage apart, buffers included. */
  memory () {
    collectGarbage()
    const { heapUsed, arrayBuffers, rss } = process.memoryUsage()
    return { used: heapUsed + arrayBuffers, rss }
  },
  /** What an app does that is out of file descriptors: it fails. */
  readFile: () => readFileSync(__filename, 'utf8').length > 0
})
