import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { faultConformance, transportConformance } from 'feathers-mesh/testing'
import type { Transport } from 'feathers-mesh/transport'
import { readBlocks, writeNamedBlocks } from './code-blocks'

const ROOT = join(__dirname, '../..')

/** What the example of the page exports. */
interface Example {
  readonly Bus: new () => { transport: () => Transport, kill: (id: string) => void }
}

describe('the example of docs/transports.md', () => {
  const parent = join(ROOT, 'test/docs')
  let folder: string
  let example: Example

  beforeAll(() => {
    folder = mkdtempSync(join(parent, '.transports-'))
    const [path] = writeNamedBlocks(readBlocks(ROOT, 'docs/transports.md'), folder)
    // It is compiled as this file is.
    example = jest.requireActual<Example>(path)
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  const withinReach = faultConformance.filter(({ needs }) => needs.every(hook => hook === 'kill'))
  it.each([...transportConformance, ...withinReach])('keeps that $name', async ({ run }) => {
    const bus = new example.Bus()
    await run(() => bus.transport(), { kill: node => bus.kill(node) })
  })
})
