import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { feathers } from '@feathersjs/feathers'
import { DistributedModule, type DistributedModuleOptions } from 'feathers-mesh'
import { OTHER_SECRET, SECRET } from '../security/mesh-of'
import { silentLogger } from '../silent-logger'
import { stoppedAfterEach } from '../stopped-after-each'
import { until } from '../until'
import { cli, type Ran, type RunTerms } from './cli'

const NOBODY = 'no node was heard within a second'
const PLACE = { environment: `cli-tap-${process.pid}`, discovery: 'broadcast://127.255.255.255' }
const nodes = stoppedAfterEach<DistributedModule>()

async function host (options: DistributedModuleOptions = {}): Promise<DistributedModule> {
  const app = feathers()
  app.use('todos', { async find () { return [] } }, { methods: ['find'], events: ['done'] })
  const node = DistributedModule.forRoot({
    app, name: 'todo-host', logger: silentLogger, ...PLACE, cote: { helloInterval: 200 }, ...options
  })
  nodes.push(node)
  await node.start()
  return node
}

/** A tap that goes on until it is ended. */
function tap (
  variables: RunTerms['variables'] = {}
): { told: () => string, shown: () => string, end: () => Promise<Ran> } {
  const ended = new AbortController()
  let [told, shown] = ['', '']
  const args = Object.entries(PLACE).flatMap(([name, value]) => [`--${name}`, value])
  const running = cli(['tap', ...args], {
    variables, signal: ended.signal, onErr: text => { told += text }, onOut: text => { shown += text }
  })
  return {
    told: () => told,
    shown: () => shown,
    async end () {
      ended.abort()
      return await running
    }
  }
}

describe('feathers-mesh tap', () => {
  it('tells that no node was heard, and shows the nodes that come later', async () => {
    const tapping = tap()
    await until('the notice', () => tapping.told().includes(NOBODY))
    const node = await host()
    await until('the tap', () => node.inspect().taps === 1)
    node.app.service('todos').emit('done', 1)
    await until('the event', () => tapping.shown().includes('todos done'))
    expect((await tapping.end()).code).toBe(0)
    expect(tapping.told().match(/no node was heard/g)).toHaveLength(1)
  })

  it('tells whom it heard instead, with the reason', async () => {
    await host({ secret: OTHER_SECRET })
    const tapping = tap({ MESH_SECRET: SECRET })
    await until('the notice', () => /no node was heard.*\n(?:.*\n)*feathers-mesh: not reached: /.test(tapping.told()))
    await tapping.end()
  })

  it('tells nothing like that where there is a node, nor when it is ended before', async () => {
    const node = await host()
    const tapping = tap()
    await until('the tap', () => node.inspect().taps === 1)
    await tapping.end()
    const short = tap()
    await short.end()
    expect([tapping.told(), short.told()]).toEqual(['', ''])
  })

  it('tells once why a node refuses, and not each time that it asks again', async () => {
    const node = await host({ inspect: ['ops'] })
    const tapping = tap()
    await until('three questions', () => node.counters().forbidden >= 3)
    await tapping.end()
    expect(tapping.told().match(/no tap of todo-host: mesh\.inspect\(\) is not allowed/g)).toHaveLength(1)
  })
})

describe('the page of the console', () => {
  it('has each element that its scripts look for', () => {
    const folder = join(__dirname, '../../console')
    const html = readFileSync(join(folder, 'index.html'), 'utf8')
    const scripts = readdirSync(folder).filter(name => name.endsWith('.js'))
      .map(name => readFileSync(join(folder, name), 'utf8')).join('\n')
    const ids = [...scripts.matchAll(/byId\('([\w-]+)'\)/g)].map(([, id]) => id)
    expect(ids.filter(id => !html.includes(`id="${id}"`))).toEqual([])
  })
})
