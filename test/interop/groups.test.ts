import { unpackFirstRelease, type FirstRelease } from './first-release'
import { InteropMesh, NEW, OLD_PLUGINS } from './interop-mesh'

// Many processes start here, on whatever machine this is; each step has limits of its own.
jest.setTimeout(120_000)

describe('listeners with a group', () => {
  let release: FirstRelease
  let mesh: InteropMesh

  beforeAll(async () => { release = await unpackFirstRelease() })
  afterAll(async () => await release.remove())
  beforeEach(() => { mesh = new InteropMesh() })
  afterEach(async () => await mesh.end())

  const olds: ReadonlyArray<readonly [version: string, plugin: () => string]> = [
    ['0.1.0', () => release.plugin],
    ...OLD_PLUGINS.map(([version, plugin]) => [version, () => plugin] as const)
  ]

  it.each(olds)('hear nodes of this release, and no old ones of %s, of which one warning tells', async (
    _version, plugin
  ) => {
    const [listener, old, ours] = await Promise.all([
      mesh.grouped('old-notes', 'more-old-notes', 'new-notes'),
      mesh.node('old', plugin(), { key: 'old', paths: ['old-notes', 'more-old-notes'] }),
      mesh.node('new', NEW, { key: 'new', paths: ['new-notes'] })
    ])
    const emitted = { event: 'archived', payload: { title: 'one' } }
    const heard = (): string[] => listener.told<string>('heard')
    await listener.until('all that can be heard', async () => {
      for (const path of ['old-notes', 'more-old-notes']) await old.ask('emit', { path, ...emitted })
      await ours.ask('emit', { path: 'new-notes', ...emitted })
      return new Set(heard()).size >= 4
    })
    expect([...new Set(heard())].sort()).toEqual([
      'more-old-notes without a group', 'new-notes in a group', 'new-notes without a group', 'old-notes without a group'
    ])
    await listener.until('the warning', () => listener.printed.includes('knows no groups'))
    expect(listener.printed.split('knows no groups')).toHaveLength(2)
  })
})
