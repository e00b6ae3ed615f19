import type { DistributionOptions } from 'feathers-mesh'
import { Authority } from '../security/authority'
import type { TestProcess } from '../process'
import { FakedClock, withFakedClock } from '../processes/faked-clock'
import { unpackFirstRelease, type FirstRelease } from './first-release'
import { InteropMesh, knows, NEW } from './interop-mesh'

// Many processes start here, on whatever machine this is; each step has limits of its own.
jest.setTimeout(180_000)

const HOUR_S = 3_600
/** A node of these tests whose hellos count for nothing would be given up within this time. */
const LONG_ENOUGH_MS = 5_000

// Valid on each of these clocks: dates of certificates are judged by the wall clock.
const authority = withFakedClock(-12 * HOUR_S, () => Authority.make())
const certificates = (key: string): DistributionOptions => ({
  tls: withFakedClock(-12 * HOUR_S, () => authority.node(key))
})
const secret = (): DistributionOptions => ({ secret: 'a secret that only the nodes of this test have' })

let release: FirstRelease

beforeAll(async () => { release = await unpackFirstRelease() })
afterAll(async () => await release.remove())

interface NodeOptions {
  readonly options: DistributionOptions
  readonly clock?: FakedClock
  readonly plugin?: string
}

/** A mesh and the clocks of its nodes. Each test has its own, as they run side by side: most of them is waiting. */
class ClockedMesh {
  private readonly mesh = new InteropMesh()
  private readonly clocks: FakedClock[] = []

  clockAt (offsetS: number): FakedClock {
    const clock = new FakedClock(offsetS)
    this.clocks.push(clock)
    return clock
  }

  async node (name: string, { options, clock, plugin = NEW }: NodeOptions): Promise<TestProcess> {
    return await this.mesh.node(name, plugin, { key: name, paths: [`${name}-notes`], options }, clock?.env ?? {})
  }

  async end (): Promise<void> {
    await this.mesh.end()
    for (const clock of this.clocks) clock.remove()
  }
}

async function onMesh (act: (mesh: ClockedMesh) => Promise<void>): Promise<void> {
  const mesh = new ClockedMesh()
  try {
    await act(mesh)
  } finally {
    await mesh.end()
  }
}

/** Waits until so much time has passed that a node which is not heard would have been given up, and it was not. */
async function staysKnown (...nodes: TestProcess[]): Promise<void> {
  const start = performance.now()
  await Promise.all(nodes.map(async each => await each.until('the end of a long time', () => {
    expect(each.told('service-removed')).toEqual([])
    return performance.now() - start > LONG_ENOUGH_MS
  })))
}

/** Waits until the two nodes know each other. */
async function pairOf (
  mesh: ClockedMesh, optionsOf: (key: string) => DistributionOptions, clock: FakedClock
): Promise<TestProcess[]> {
  const [one, other] = await Promise.all([
    mesh.node('one', { options: optionsOf('one') }), mesh.node('other', { options: optionsOf('other'), clock })
  ])
  await Promise.all([knows(one, 'other-notes'), knows(other, 'one-notes')])
  return [one, other]
}

describe('nodes', () => {
  // The longest ones come first: only so many run at a time.
  it.concurrent.each<[string, (key: string) => DistributionOptions]>([
    ['a secret', secret], ['certificates', certificates]
  ])('keep each other in a mesh with %s when the clock of one steps, by seconds and by hours, there and back', async (
    _what, optionsOf
  ) => {
    await onMesh(async mesh => {
      const clock = mesh.clockAt(0)
      const pair = await pairOf(mesh, optionsOf, clock)
      for (const offsetS of [3, -3, HOUR_S, -HOUR_S, 0]) {
        clock.step(offsetS)
        await staysKnown(...pair)
      }
    })
  })

  it.concurrent.each<[string, string, (key: string) => DistributionOptions, number]>([
    ['a secret', 'an hour ahead', secret, HOUR_S], ['a secret', 'an hour behind', secret, -HOUR_S],
    ['certificates', 'an hour ahead', certificates, HOUR_S], ['certificates', 'an hour behind', certificates, -HOUR_S]
  ])('find each other in a mesh with %s when the clock of one was %s as it started, and keep each other', async (
    _what, _how, optionsOf, offsetS
  ) => {
    await onMesh(async mesh => {
      const clock = mesh.clockAt(offsetS)
      const pair = await pairOf(mesh, optionsOf, clock)
      clock.step(0)
      await staysKnown(...pair)
    })
  })

  it.concurrent.each([
    ['was an hour ahead', HOUR_S], ['was an hour behind', -HOUR_S]
  ])('of 0.1.0 with a secret, whose hellos have wall clock stamps, are found when their clock %s as they started, ' +
    'and kept when it is set right', async (_how, offsetS) => {
    await onMesh(async mesh => {
      const clock = mesh.clockAt(offsetS)
      const [ours] = await Promise.all([
        mesh.node('one', { options: secret() }),
        mesh.node('other', { options: secret(), clock, plugin: release.plugin })
      ])
      await knows(ours, 'other-notes')
      clock.step(0)
      await staysKnown(ours)
    })
  })
})
