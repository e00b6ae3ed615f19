import { feathers } from '@feathersjs/feathers'
import { MemoryService } from '@feathersjs/memory'
import { memoryMesh } from '../../memory-mesh'

const mesh = memoryMesh()

let told: string[]

beforeEach(() => {
  told = []
  jest.spyOn(process, 'emitWarning').mockImplementation(warning => { told.push(String(warning)) })
})
afterEach(() => { jest.restoreAllMocks() })

/** Whether a node with the key `web` may call a service. */
async function mayCall (instance: unknown, registered?: unknown): Promise<boolean> {
  const app = feathers()
  app.use('notes', new MemoryService({ allow: instance } as object), { allow: registered } as object)
  await mesh.start({ app })
  const caller = await mesh.start({ key: 'web', remotes: ['notes'] })
  const answer = await caller.remote<MemoryService>('notes').find().catch((error: unknown) => error)
  if (Array.isArray(answer)) return true
  expect(answer).toMatchObject({ name: 'Forbidden' })
  return false
}

describe('`allow` in the options of an instance', () => {
  it.each([
    ['lists another key', ['nobody'], undefined, false],
    ['lists the key', ['web'], undefined, true],
    ['lists the key, and the registration does not', ['web'], ['nobody'], false],
    ['does not list the key, and the registration does', ['nobody'], ['web'], false],
    ['is a function that returns a promise', async () => true, undefined, false],
    ['is neither a list nor a function', 'web', undefined, false],
    ['is not given', undefined, undefined, true]
  ])('counts where it %s', async (_what, instance, registered, expected) => {
    expect(await mayCall(instance, registered)).toBe(expected)
  })

  it('causes a warning where it is neither a list nor a function', async () => {
    expect(await mayCall({ web: true })).toBe(false)
    expect(told).toContainEqual(expect.stringMatching(/^'notes': allow must be a list of keys.*no node may call it$/))
  })

  it.each([['distributedMethods', () => ['find']], ['distributedMethods', 'find'], ['distributedEvents', [1]]])(
    'offers nothing of %s that is no list of names', async (name, value) => {
      const app = feathers()
      app.use('notes', new MemoryService({ [name]: value } as object))
      const node = await mesh.start({ app })
      const [own] = node.services()
      expect(name === 'distributedMethods' ? own : own?.events).toEqual(name === 'distributedMethods' ? undefined : [])
      expect(told).toContainEqual(expect.stringContaining(`'notes': ${name} must be a list of names`))
    }
  )
})
