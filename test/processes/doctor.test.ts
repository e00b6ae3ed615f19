import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { TestProcesses } from '../process'
import { FakedClock, whyNoFakedClock } from './faked-clock'
import { TwoHosts, whyNoNamespaces } from '../chaos/namespaces'

const PROGRAM = join(__dirname, '../../dist/cli/main.js')
const processes = new TestProcesses()
let environment = ''

interface Found {
  readonly code: string
  readonly seen: readonly string[]
}

/** What the doctor prints, in a process of its own. */
async function diagnose (env: NodeJS.ProcessEnv = {}, through: readonly string[] = []): Promise<Found[]> {
  const [command, ...args] = [...through, process.execPath, PROGRAM, 'doctor', '--json']
  const printed = await new Promise<string>(resolve => {
    execFile(command, args, { env: { ...process.env, COTE_ENV: environment, ...env } }, (_error, out) => resolve(out))
  })
  return (JSON.parse(printed) as { findings: Found[] }).findings
}

beforeEach(() => { environment = `doctor-${process.pid}-${Math.random()}` })

describe('the doctor in a process of its own', () => {
  const clocks = whyNoFakedClock() === undefined ? it : it.skip
  clocks('finds a clock that is off', async () => {
    const clock = new FakedClock(3_600)
    try {
      const host = await processes.run('host', { COTE_ENV: environment, ...clock.env })
      await host.ask('start')
      expect(await diagnose()).toContainEqual(
        expect.objectContaining({ code: 'clock-off', seen: [expect.stringMatching(/ is 3(600|599) s ahead of/)] })
      )
    } finally {
      clock.remove()
    }
  })

  it('finds releases that are not supported, or that differ', async () => {
    const preload = join(__dirname, 'other-releases.js')
    // As it was built: what is loaded before it replaces a file that it loads.
    const host = await processes.run('../../processes/host', {
      COTE_ENV: environment, NODE_OPTIONS: `--require ${preload}`
    })
    await host.ask('start')
    // Meshes of other tests may be heard as well.
    expect(await diagnose()).toEqual(expect.arrayContaining([
      expect.objectContaining({ code: 'node-version', seen: [expect.stringContaining('Node.js v18.0.0')] }),
      expect.objectContaining({ code: 'package-version', seen: [expect.stringContaining('feathers-mesh 9.9.9')] })
    ]))
  })

  const hosts = whyNoNamespaces() === undefined ? it : it.skip
  hosts('finds a node that is bound to loopback while another one is not', async () => {
    const network = new TwoHosts()
    try {
      network.create()
      const [address] = network.addresses
      const places = ['127.0.0.1:4100', `${address}:4101`]
      const shared = {
        MESH_DISCOVERY: `static://${places.join()}`,
        MESH_SECRET: 'what the nodes of this test share',
        COTE_ENV: environment
      }
      for (const MESH_LISTEN of places) {
        const host = await processes.run('host', { ...shared, MESH_LISTEN }, network.on(0))
        await host.ask('start')
      }
      const found = await diagnose({ ...shared, MESH_LISTEN: '127.0.0.1:4102' }, network.on(0))
      expect(found.find(({ code }) => code === 'loopback')?.seen)
        .toEqual([expect.stringMatching(/ is at 127\.0\.0\.1:4100, and other nodes are not$/)])
    } finally {
      network.remove()
    }
  })
})
