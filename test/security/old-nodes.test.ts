import type { TestProcess } from '../process'
import { InteropMesh, knows, NEW, OLD_PLUGINS } from '../interop/interop-mesh'
import { SECRET } from './mesh-of'

// Many processes start here, on whatever machine this is.
jest.setTimeout(60_000)

describe.each(OLD_PLUGINS)('a mesh with a secret and a node of feathers-distributed %s', (_version, OLD) => {
  const mesh = new InteropMesh()
  let ours: TestProcess
  let other: TestProcess

  beforeAll(async () => {
    const options = { secret: SECRET };
    [ours, other] = await Promise.all([
      mesh.node('ours', NEW, { key: 'ours', paths: ['our-notes'], options }),
      mesh.node('other', NEW, { key: 'other', options })
    ])
    await knows(other, 'our-notes')
  })
  afterAll(async () => await mesh.end())

  it('reject each other with the reason in the log, while the mesh keeps working', async () => {
    const old = await mesh.node('old', OLD, { key: 'old', paths: ['old-notes'] })
    await ours.until('the refusal', () => ours.printed.includes('refused a hello without proof'))
    expect(ours.printed).toContain('a node of feathers-distributed on ')
    expect(ours.printed).toContain("can't prove a secret; for as long as there are such, the mesh can have none")
    expect(ours.printed).not.toContain(SECRET)
    expect(await old.ask('remotes')).toEqual({})
    expect(await ours.ask('remotes')).toEqual({})
    const answer = await other.ask<object[]>('call', { path: 'our-notes', method: 'find' })
    expect(answer).toEqual([expect.objectContaining({ node: 'ours' })])
  })
})
