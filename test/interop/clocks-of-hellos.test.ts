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

let mesh: InteropMesh
let release: FirstRelease
let clocks: FakedClock[]

beforeAll(async () => { release = await unpackFirstRelease() })
afterAll(async () => await release.remove())

beforeEach(() => {
  mesh = new InteropMesh()
  clocks = []
})

afterEach(async () => {
  await mesh.end()
  for (const clock of clocks) clock.remove()
})

function clockAt (offsetS: number): FakedClock {
  const clock = new FakedClock(offsetS)
  clocks.push(clock)
  return clock
}

interface NodeOptions {
  readonly options: DistributionOptions
  readonly clock?: FakedClock
  readonly plugin?: string
}

async function node (name: string, { options, clock, plugin = NEW }: NodeOptions): Promise<TestProcess> {
  return await mesh.node(name, plugin, { key: name, paths: [`${name}-notes`], options }, clock?.env ?? {})
}

/** Waits until so much time has passed that a node which is not heard would have been given up, and it was not. */
async function staysKnown (...nodes: TestProcess[]): Promise<void> {
  const start = performance.now()
  await Promise.all(nodes.map(async each => await each.until('the end of a long time', () => {
    expect(each.told('service-removed')).toEqual([])
    return performance.now() - start > LONG_ENOUGH_MS
  })))
}

describe.each([
  ['a secret', secret], ['certificates', certificates]
])('nodes of a mesh with %s', (_what, optionsOf) => {
  it.each([
    ['an hour ahead', HOUR_S], ['an hour behind', -HOUR_S]
  ])('find each other when the clock of one was %s as it started, and keep each other', async (_how, offsetS) => {
    const clock = clockAt(offsetS)
    const [one, other] = await Promise.all([
      node('one', { options: optionsOf('one') }), node('other', { options: optionsOf('other'), clock })
    ])
    await Promise.all([knows(one, 'other-notes'), knows(other, 'one-notes')])
    clock.step(0)
    await staysKnown(one, other)
  })

  it('keep each other when the clock of one steps, by seconds and by hours, there and back', async () => {
    const clock = clockAt(0)
    const [one, other] = await Promise.all([
      node('one', { options: optionsOf('one') }), node('other', { options: optionsOf('other'), clock })
    ])
    await Promise.all([knows(one, 'other-notes'), knows(other, 'one-notes')])
    for (const offsetS of [3, -3, HOUR_S, -HOUR_S, 0]) {
      clock.step(offsetS)
      await staysKnown(one, other)
    }
  })
})

describe('a node of 0.1.0 with a secret, which stamps its hellos with the wall clock', () => {
  it.each([
    ['was an hour ahead', HOUR_S], ['was an hour behind', -HOUR_S]
  ])('is found when its clock %s as it started, and is kept when that is set right', async (_how, offsetS) => {
    const clock = clockAt(offsetS)
    const [ours] = await Promise.all([
      node('one', { options: secret() }), node('other', { options: secret(), clock, plugin: release.plugin })
    ])
    await knows(ours, 'other-notes')
    clock.step(0)
    await staysKnown(ours)
  })
})
