import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { adapterTests, type AdapterTestName } from '@feathersjs/adapter-tests'
import errors from '@feathersjs/errors'
import { feathers } from '@feathersjs/feathers'
import { MemoryService } from '@feathersjs/memory'
import { DistributedModule } from 'feathers-mesh'
import { TestProcesses } from '../process'

const environment = `adapter-${process.pid}`

/** The suite has its names nowhere but in its types, and there a few of tests that it has not. */
const declarations = readFileSync(join(require.resolve('@feathersjs/adapter-tests'), '../declarations.d.ts'), 'utf8')
const names = [...declarations.matchAll(/'([^']+)'/g)].map(([, name]) => name as AdapterTestName)
  .filter(name => name !== '.id' && !name.startsWith('.$'))

/** Those that change, or look into, the object of the adapter: it is in the other process. */
const reachingIn: readonly AdapterTestName[] = [
  '.options', '.events', '._get', '._find', '._create', '._update', '._patch', '._remove',
  // They set `service.options.multi`.
  '.remove + multi', '.remove + multi no pagination', '.patch multiple', '.patch multiple no pagination',
  '.patch multi query same', '.patch multi query changed', '.create multi',
  // They set `service.options.paginate`.
  '.find + paginate', '.find + paginate + query', '.find + paginate + $limit + $skip', '.find + paginate + $limit 0',
  '.find + paginate + params'
]

// The suite is written for mocha, and logs what is skipped.
Object.assign(globalThis, { before: beforeAll, after: afterAll })
beforeAll(() => { jest.spyOn(console, 'log').mockImplementation(() => {}) })
afterAll(() => { jest.restoreAllMocks() })

describe('the adapter tests of Feathers with adapters in one app, for comparison', () => {
  const app = feathers()
  app.use('people', new MemoryService({ id: 'id', events: ['testing'] }), { events: ['testing'] })
  app.use('people-customid', new MemoryService({ id: 'customid', events: ['testing'] }), { events: ['testing'] })
  adapterTests(names)(app, errors, 'people')
  adapterTests(names)(app, errors, 'people-customid', 'customid')
})

describe('the adapter tests of Feathers with adapters in another process', () => {
  const processes = new TestProcesses('all')
  const app = feathers()
  let mesh: DistributedModule

  beforeAll(async () => {
    const host = await processes.run('realapps/people-host', { COTE_ENV: environment })
    await host.ask('start')
    mesh = DistributedModule.forRoot({ app, remotes: ['people', 'people-customid'], cote: { environment } })
    await mesh.start()
  })

  afterAll(async () => await mesh.stop())

  const possible = names.filter(name => !reachingIn.includes(name))
  adapterTests(possible)(app, errors, 'people')
  adapterTests(possible)(app, errors, 'people-customid', 'customid')

  it('omit only tests that access the adapter object', () => {
    expect(names).toEqual(expect.arrayContaining([...reachingIn]))
    expect(possible).toHaveLength(names.length - reachingIn.length)
  })
})
