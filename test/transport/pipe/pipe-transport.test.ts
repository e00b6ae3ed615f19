import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { faultConformance, transportConformance } from 'feathers-mesh/testing'
import { compile, PipeHub, PipeUnderTest } from './pipe-under-test'

const MAX_MESSAGE_SIZE = 3 * 1024 * 1024

describe('the pipe transport, written from docs/transports.md', () => {
  let programs: string
  let hub: PipeHub

  const startHub = async (): Promise<void> => {
    hub = new PipeHub(join(programs, 'hub.js'))
    await hub.whenListening()
  }

  beforeAll(() => { programs = compile('hub', 'lines') })
  afterAll(() => rmSync(programs, { recursive: true, force: true }))

  // One hub serves all of them: each leaves nothing behind.
  describe('on one hub', () => {
    beforeAll(startHub)
    afterAll(async () => await hub.stop())

    it.each(transportConformance)('keeps that $name', async ({ run }) => {
      const mesh = new PipeUnderTest(hub, MAX_MESSAGE_SIZE)
      await run(() => mesh.transport(), mesh.hooks())
    })
  })

  describe('on a hub of its own for each fault', () => {
    beforeEach(startHub)
    afterEach(async () => await hub.stop())

    it.each(faultConformance)('keeps that $name', async ({ run }) => {
      const mesh = new PipeUnderTest(hub, MAX_MESSAGE_SIZE)
      await run(() => mesh.transport(), mesh.hooks())
    })
  })
})
