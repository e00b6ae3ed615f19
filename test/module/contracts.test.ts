import { IsInt, IsString } from 'class-validator'
import { Distributed, DistributedEvent, DistributedMethod, type ServiceEvent } from 'feathers-mesh'
import { idOf, memoryMesh, titleOf } from '../memory-mesh'
import { rejection, until } from '../until'

const mesh = memoryMesh()

class Title {
  @IsString() title!: string
}

class NewTitle {
  @IsString() title!: string
  @IsInt() priority!: number
}

@Distributed({ path: 'notes', version: '1.0.0' })
class NotesV1 {
  @DistributedMethod() async find (): Promise<string> { return '1.0.0' }
  @DistributedMethod() async create (data: Title): Promise<string> { return data.title }
  @DistributedMethod() async archive (data: Title): Promise<string> { return data.title }
  @DistributedEvent() readonly archived!: ServiceEvent<string>
}

@Distributed({ path: 'notes', version: '2.0.0' })
class NotesV2 {
  @DistributedMethod() async find (): Promise<string> { return '2.0.0' }
  @DistributedMethod() async create (data: NewTitle): Promise<string> { return data.title }
  @DistributedMethod() async undo (data: Title): Promise<string> { return data.title }
}

/** Has what the first one has, and more, and says no version. */
@Distributed('notes')
class NotesMore extends NotesV1 {
  @DistributedMethod() async restore (data: Title): Promise<string> { return data.title }
}

const V2_FOR_V1 = 'it is version 2.0.0, not 1.0.0; it has no method archive; it has no event archived; ' +
  'the data of create() has another shape; it has also the method undo'

let warnings: jest.SpyInstance

/** The warnings about contracts. */
const told = (): string[] => warnings.mock.calls
  .filter(([, options]) => (options as { code?: string })?.code === 'FEATHERS_MESH_CONTRACT')
  .map(([message]) => String(message))

beforeEach(() => { warnings = jest.spyOn(process, 'emitWarning').mockImplementation(() => {}) })
afterEach(() => warnings.mockRestore())

describe('a replica whose contract differs from the class of a caller', () => {
  it('causes a warning with the differences when it joins, and still receives calls', async () => {
    const host = await mesh.start({ services: [NotesV2] })
    const caller = await mesh.start({ remotes: [NotesV1] })
    expect(told()).toEqual([
      `'notes' on node ${titleOf(host)} is not what NotesV1 of this node says: ${V2_FOR_V1}; ` +
      'this node calls it anyway; strictContracts: true would prevent that'
    ])
    expect(await caller.remote(NotesV1).find()).toBe('2.0.0')
  })

  it('causes a warning when the caller gets the remote of the class later', async () => {
    await mesh.start({ services: [NotesV2] })
    const caller = await mesh.start({ remotes: ['notes'] })
    expect(told()).toEqual([])
    caller.remote(NotesV1)
    caller.remote(NotesV1)
    expect(told()).toHaveLength(1)
  })

  it('causes one warning for all replicas with the same differences, and another for other differences', async () => {
    await mesh.start({ services: [NotesV2] })
    await mesh.start({ services: [NotesV2] })
    const caller = await mesh.start({ remotes: [NotesV1] })
    const third = await mesh.start({ services: [NotesV2] })
    await until('all three', () => caller.services()[0]?.nodes.length === 3)
    expect(told()).toHaveLength(1)
    await third.stop()
    const other = await mesh.start({ services: [NotesV1], distributedMethods: ['find', 'create'] })
    await until('the other one', () => caller.services()[0]?.nodes.includes(idOf(other)))
    expect(told()[1]).toContain(`on node ${titleOf(other)} is not what NotesV1 of this node says: it has no method archive;`)
    expect(told()).toHaveLength(2)
  })

  it('causes no warning when it only offers more, or when one of the contracts lacks the field', async () => {
    await mesh.start({ services: [NotesMore] })
    await mesh.start({ remotes: [NotesV1] })
    expect(told()).toEqual([])
  })

  it('causes no warning when the caller uses the path without the class', async () => {
    await mesh.start({ services: [NotesV2] })
    await mesh.start({ remotes: ['notes'] })
    expect(told()).toEqual([])
  })
})

describe('a replica with other contracts, while the caller has strictContracts', () => {
  it('receives no calls as long as replicas of the right version come and go', async () => {
    await mesh.start({ services: [NotesV2] })
    const first = await mesh.start({ services: [NotesV1] })
    const caller = await mesh.start({ remotes: [NotesV1], strictContracts: true })
    const notes = caller.remote(NotesV1)
    const versions = async (): Promise<string[]> =>
      await Promise.all(Array.from({ length: 4 }, async () => await notes.find()))
    expect(await versions()).toEqual(['1.0.0', '1.0.0', '1.0.0', '1.0.0'])
    expect(await caller.app.service('notes').find()).toBe('1.0.0')
    expect(told()[0]).toMatch(/it gets no calls of this node \(strictContracts\)$/)

    await first.stop()
    const waiting = versions()
    await mesh.start({ services: [NotesV1] })
    expect(await waiting).toEqual(['1.0.0', '1.0.0', '1.0.0', '1.0.0'])
  })

  it('is named in the error when no other replica is left', async () => {
    const host = await mesh.start({ services: [NotesV2] })
    const caller = mesh.node({ remotes: ['notes'], strictContracts: true, waitForService: false })
    await caller.start()
    const notes = caller.remote(NotesV1)
    expect(await rejection(notes.find())).toMatchObject({
      name: 'Unavailable',
      message: `notes.find(): strictContracts keeps out node ${titleOf(host)} (${V2_FOR_V1})`,
      data: { outcome: 'not-sent' }
    })
    expect(await rejection(notes.archive({ title: 'a' }))).toMatchObject({ name: 'Unavailable' })
    expect(await rejection(notes.with({ node: idOf(host) }).find())).toMatchObject({
      message: expect.stringContaining(`strictContracts keeps out node ${titleOf(host)} (`)
    })
  })

  it('does not satisfy start(), which waits for a matching replica', async () => {
    const host = await mesh.start({ services: [NotesV2] })
    const caller = mesh.node({ remotes: [NotesV1], strictContracts: true, timeout: 50 })
    expect(await rejection(caller.start())).toMatchObject({
      name: 'Unavailable',
      message: `'notes': no node hosts it after 50 ms; strictContracts keeps out node ${titleOf(host)} (${V2_FOR_V1})`
    })
    await mesh.start({ services: [NotesV1] })
    await caller.start()
    expect(await caller.remote(NotesV1).find()).toBe('1.0.0')
  })

  it('is excluded from the moment when the caller gets the remote of the class', async () => {
    await mesh.start({ services: [NotesV2] })
    const caller = await mesh.start({ remotes: ['notes'], strictContracts: true, waitForService: false })
    const byPath = caller.remote<NotesV2>('notes')
    expect(await byPath.find()).toBe('2.0.0')
    caller.remote(NotesV1)
    expect(await rejection(byPath.find())).toMatchObject({ name: 'Unavailable' })
  })

  it('serves callers of its own version beside a replica that serves the others', async () => {
    await mesh.start({ services: [NotesV1] })
    await mesh.start({ services: [NotesV2] })
    const older = await mesh.start({ remotes: [NotesV1], strictContracts: true })
    const newer = await mesh.start({ remotes: [NotesV2], strictContracts: true })
    expect(await older.remote(NotesV1).find()).toBe('1.0.0')
    expect(await newer.remote(NotesV2).find()).toBe('2.0.0')
  })
})
