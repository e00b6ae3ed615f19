import { readFileSync } from 'node:fs'
import { feathers, type Application } from '@feathersjs/feathers'
import { DistributedModule, type DistributedModuleOptions } from 'feathers-mesh'
import { PROCESS_LOG } from '../../../../lib/log'
import { readPacket, RESPONDER } from '../../../../lib/transport/cote/discovery/hello'
import { mayCarryLists, type HelloSeal } from '../../../../lib/transport/cote/discovery/hello-seal'
import { OwnHellos } from '../../../../lib/transport/cote/discovery/own-hellos'
import type { Medium } from '../../../../lib/transport/cote/discovery/way'
import { OpenSecurity } from '../../../../lib/transport/cote/security/open-security'
import { DiscoverySocket } from '../../../../lib/transport/cote/discovery/ways/discovery-socket'
import { Authority } from '../../../security/authority'
import { CoteMesh, SECRET } from '../../../security/mesh-of'
import { Stranger } from '../../../security/stranger'
import { until } from '../../../until'

let mesh: CoteMesh

beforeEach(() => { mesh = new CoteMesh() })

afterEach(async () => {
  await mesh.end()
  jest.restoreAllMocks()
})

/** An app whose services have so many methods, each of another name. */
function appOf (methods: number): Application {
  const app = feathers()
  const names = Array.from({ length: methods }, (_, n) => `recalculateTheBalancesOfPart${n}`)
  for (let first = 0; first < names.length; first += 100) {
    const ofService = names.slice(first, first + 100)
    const service = Object.fromEntries(ofService.map(name => [name, async () => name]))
    app.use(`service-${first}`, { get: async (id: number) => id, ...service }, { methods: ['get', ...ofService] })
  }
  return app
}

interface Methods {
  get: (id: number) => Promise<number>
  recalculateTheBalancesOfPart5999: () => Promise<string>
}

interface Announced {
  readonly pid: string
  readonly data: { readonly processCommand: string, readonly advertisement: { readonly requests: string[] } }
}

/** All hellos that an outsider has heard of an open mesh. */
function hellosAt ({ packets }: Stranger): Announced[] {
  return packets.map(bytes => JSON.parse(bytes.toString()) as Announced)
}

/** The hello of a node, as everybody reads it. */
async function helloOf (node: string, stranger: Stranger): Promise<Announced> {
  return await until('a hello', () => {
    const packet = stranger.packets.map(bytes => JSON.parse(bytes.toString()) as Record<string, unknown>)
      .find(({ event, iid }) => event === 'hello' && iid === node)
    return packet as unknown as Announced | undefined
  })
}

const closed: Array<[what: string, options: DistributedModuleOptions]> = [
  ['an open mesh', {}], ['a mesh with a secret', { secret: SECRET }],
  ['a mesh with certificates', { tls: Authority.make().node('default') }]
]

describe.each(closed)('a node of %s', (_what, options) => {
  it('is found and called by all of its methods when their names need more than a packet', async () => {
    await mesh.node({ app: appOf(6_000), ...options })
    const caller = await mesh.node(options)
    const remote = caller.remote<Methods>('service-5900')
    expect(await remote.get(7)).toBe(7)
    expect(await remote.recalculateTheBalancesOfPart5999()).toBe('recalculateTheBalancesOfPart5999')
    const warnings = mesh.log.filter(line => line.includes('its hello has room for'))
    // Nodes of feathers-distributed can't be in a mesh that is closed.
    expect(warnings).toHaveLength(options.secret === undefined && options.tls === undefined ? 1 : 0)
  })
})

describe('the hello of a node', () => {
  it('keeps the methods of all services where not all names fit, and one warning names the remedy', async () => {
    const stranger = await Stranger.at(mesh, 1)
    try {
      const node = await mesh.node({ app: appOf(6_000) })
      const { data: { advertisement: { requests } } } = await helloOf(node.nodes()[0].id, stranger)
      expect(requests.slice(0, 2).sort()).toEqual(['get', 'healthcheck'])
      expect(requests.length).toBeGreaterThan(1_000)
      for (const packet of stranger.packets) expect(packet.length).toBeLessThanOrEqual(65_507)
      expect(mesh.log.join()).toContain('offer fewer names (options services and distributedMethods)')
    } finally {
      await stranger.end()
    }
  })

  it('is sent once more and shorter where the network takes no packet of its length', async () => {
    const send = DiscoverySocket.prototype.send
    const lengths: number[] = []
    jest.spyOn(DiscoverySocket.prototype, 'send').mockImplementation(
      async function (this: DiscoverySocket, packet, to) {
        lengths.push(packet.length)
        return packet.length > 1_400 ? 'too long' : await send.call(this, packet, to)
      }
    )
    await mesh.node({ app: appOf(300) })
    const caller = await mesh.node()
    expect(await caller.remote<Methods>('service-0').get(7)).toBe(7)
    expect(Math.max(...lengths)).toBeGreaterThan(1_400)
  })

  it('is warned of once, with the remedy, when no network takes it', async () => {
    jest.spyOn(DiscoverySocket.prototype, 'send').mockImplementation(async () => 'too long')
    const node = await mesh.node({ cote: { helloInterval: 10 } })
    await until('a warning', () => mesh.log.some(line => line.includes('no node hears it')))
    expect(mesh.log.filter(line => line.includes('no node hears it'))).toHaveLength(1)
    expect(mesh.log.join()).toContain('shorten its key, environment or host name')
    await node.stop()
  })

  it('says all from the first one on, where the app is set up in a moment', async () => {
    const stranger = await Stranger.at(mesh, 1)
    try {
      const node = await mesh.node({ app: appOf(1) })
      await until('some hellos', () => stranger.packets.length > 2)
      for (const { data: { advertisement } } of hellosAt(stranger)) expect(advertisement.requests).toContain('get')
      expect(node.nodes()).toHaveLength(1)
    } finally {
      await stranger.end()
    }
  })

  it('comes before the app is set up where that takes longer', async () => {
    const stranger = await Stranger.at(mesh, 1)
    const app = feathers()
    let finish = (): void => {}
    app.use('slow', { get: async () => 1, setup: async () => await new Promise<void>(resolve => { finish = resolve }) })
    DistributedModule.forRoot({ app, cote: mesh.cote })
    const starting = app.setup()
    try {
      await until('a hello', () => stranger.packets.length > 0)
      expect(hellosAt(stranger).map(({ data: { advertisement: { requests } } }) => requests))
        .not.toContainEqual(expect.arrayContaining(['get']))
    } finally {
      finish()
      await starting
      await app.teardown()
      await stranger.end()
    }
  })

  it('tells nothing of the command line of its process', async () => {
    const stranger = await Stranger.at(mesh, 1)
    const { argv } = process
    process.argv = [...argv, '--db-password=hunter2']
    try {
      const node = await mesh.node()
      const { data } = await helloOf(node.nodes()[0].id, stranger)
      expect(data.processCommand).toBe('feathers-mesh')
      expect(Buffer.concat(stranger.packets).toString()).not.toContain('hunter2')
    } finally {
      process.argv = argv
      await stranger.end()
    }
  })

  it('says what the log and the monitor of cote read of a process', () => {
    const cote = (file: string): string => readFileSync(require.resolve(`cote/src/${file}`), 'utf8')
    expect(cote('monitoring-tool/index.js')).toContain('name: process[0].processCommand')
    expect(cote('components/discovery.js')).not.toContain('obj.processCommand')
  })
})

/** A medium that keeps what it is to send. */
function recording (packets: Buffer[], maxBytes = 65_000): Medium {
  return {
    maxBytes,
    isUp: true,
    send: async packet => { packets.push(packet); return undefined },
    close: async () => {}
  }
}

describe('the list of contracts in the hello of a node', () => {
  const advertisement = { name: RESPONDER, axon_type: 'rep', port: 1, key: '' }
  const open: HelloSeal = { seal: packet => packet, open: () => undefined, isClosed: false, isEncrypted: false }

  async function toldBy (list: string, maxBytes = 65_000, tellsLists = true): Promise<Array<string | undefined>> {
    const packets: Buffer[] = []
    const hellos = new OwnHellos(open, { log: PROCESS_LOG, tellsLists })
    hellos.use([recording(packets, maxBytes)])
    await hellos.advertise('some-node', { ...advertisement, mesh: { version: 1, revision: 0, list } })
    return packets.map(bytes => readPacket(bytes)?.list)
  }

  it('is there where one frame carries the hello with it, and the medium takes that', async () => {
    expect(await toldBy('abc')).toEqual(['abc'])
    expect(await toldBy('x'.repeat(1_400))).toEqual([undefined])
    expect(await toldBy('x'.repeat(500), 900)).toEqual([undefined])
  })

  it('takes no room of the names of methods, and is no reason for a warning', async () => {
    const lines: string[] = []
    const log = { ...PROCESS_LOG, tell: (_code: unknown, text: string) => { lines.push(text) } }
    const hellos = new OwnHellos(open, { log, tellsLists: true })
    const packets: Buffer[] = []
    const most = 1_100
    hellos.use([recording(packets, most)])
    const requests = Array.from({ length: 30 }, (_, n) => `method-${n}`)
    const mesh = { version: 1, revision: 0, list: 'x'.repeat(400) }
    await hellos.advertise('some-node', { ...advertisement, requests, mesh })
    const [packet] = packets
    expect([packet?.length > most - 400, readPacket(packet)?.list, lines]).toEqual([true, undefined, []])
    expect(JSON.parse(packet.toString()).data.advertisement.requests).toEqual(requests)
  })

  it('is left out where strangers beyond this machine could read or write it', async () => {
    expect(await toldBy('abc', 65_000, false)).toEqual([undefined])
    const sealed = { ...open, isClosed: true, isEncrypted: true }
    const signed = { ...open, isClosed: true }
    expect([true, false].map(isHere => [open, sealed, signed].map(seal => mayCarryLists(seal, isHere))))
      .toEqual([[true, true, false], [false, true, false]])
  })
})

describe('the repetition of a hello', () => {
  const advertisement = { name: 'feathers-mesh', axon_type: 'rep', port: 1, key: '' }

  async function said (): Promise<{ readonly hellos: OwnHellos, readonly count: () => number }> {
    const packets: Buffer[] = []
    const { hellos: seal } = new OpenSecurity({ environment: '', onRejected: () => {} })
    const hellos = new OwnHellos(seal, { log: PROCESS_LOG })
    hellos.use([recording(packets)])
    await hellos.advertise('some-node', advertisement)
    return { hellos, count: () => packets.length }
  }

  it('is left out when an answer to a newcomer has just said it', async () => {
    const { hellos, count } = await said()
    await hellos.repeat()
    await hellos.repeatUnlessSaid(60_000)
    expect(count()).toBe(2)
    await until('time to pass', async () => {
      await hellos.repeatUnlessSaid(1)
      return count() > 2
    })
  })

  it('is said when the node has changed since', async () => {
    const { hellos, count } = await said()
    await hellos.repeat()
    await hellos.advertise('some-node', { ...advertisement, port: 2 })
    await hellos.repeatUnlessSaid(60_000)
    expect(count()).toBe(4)
  })
})
