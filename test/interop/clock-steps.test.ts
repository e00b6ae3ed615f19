import type { TestProcess } from '../process'
import { FakedClock, whyNoFakedClock } from '../processes/faked-clock'
import { unpackFirstRelease, type FirstRelease } from './first-release'
import { call, InteropMesh, knows, NEW } from './interop-mesh'

// Many processes start here, on whatever machine this is; each step has limits of its own.
jest.setTimeout(180_000)

const clock = new FakedClock()
const whyNot = whyNoFakedClock()
if (whyNot !== undefined) console.warn(`clocks can't be set here: ${whyNot}`)
const describeWhere = whyNot === undefined ? describe : describe.skip

describeWhere('the clock of a host that is set while nodes of 0.1.0 and of this release run', () => {
  const mesh = new InteropMesh()
  let release: FirstRelease

  beforeAll(async () => { release = await unpackFirstRelease() })
  beforeEach(() => clock.step(0))
  afterEach(async () => await mesh.end())
  afterAll(async () => {
    await release.remove()
    clock.remove()
  })

  async function start (hostPlugin: string, callerPlugin: string): Promise<TestProcess> {
    const options = { timeout: 2_000 }
    await mesh.node('host', hostPlugin, { key: 'host', paths: ['notes'], options }, clock.env)
    const caller = await mesh.node('caller', callerPlugin, { key: 'caller', paths: [], options })
    await knows(caller, 'notes')
    return caller
  }

  it.each([
    ['of this release fails no call of an old caller', () => NEW, () => release.plugin],
    ['of 0.1.0 fails no call of a new caller, which asks for its clock again', () => release.plugin, () => NEW]
  ])('%s', async (_what, hostPlugin, callerPlugin) => {
    const caller = await start(hostPlugin(), callerPlugin())
    for (const step of [5, -5, 3_600, -3_600, 0]) {
      clock.step(step)
      for (let n = 0; n < 5; n++) expect(await call(caller, 'notes', 'get', n)).toMatchObject({ id: n, node: 'host' })
    }
  })
})
