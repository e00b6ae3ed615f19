import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { feathers } from '@feathersjs/feathers'
import { CoteTransport, type DistributedModuleOptions } from 'feathers-mesh'
import { showDoctor } from '../../lib/cli/commands/doctor'
import { FINDINGS, type Finding } from '../../lib/cli/doctor/finding'
import { Output } from '../../lib/cli/output'
import { run } from '../../lib/cli/run'
import { MeshObserver } from '../../lib/inspection/observer/observer'
import { BareNode } from '../bare-node'
import { freePort } from '../free-port'
import { CoteMesh, OTHER_SECRET, SECRET } from '../security/mesh-of'
import { hostOfVersion } from '../transport/cote/other-version'
import { until } from '../until'

let mesh: CoteMesh

beforeEach(() => { mesh = new CoteMesh() })
afterEach(async () => await mesh.end())

interface Diagnosis {
  readonly isWell: boolean
  readonly nodes: number
  readonly findings: readonly Finding[]
}

interface Asker {
  readonly cote?: object
  readonly secret?: string
  readonly variables?: Readonly<Record<string, string>>
}

/** What the doctor prints of the mesh of the test. */
async function diagnose ({ cote, secret, variables = {} }: Asker = {}): Promise<Diagnosis> {
  const security = secret === undefined ? {} : { secret }
  const observer = new MeshObserver(new CoteTransport({ ...mesh.cote, ...cote }, security))
  await observer.start()
  let printed = ''
  try {
    const output = new Output(text => { printed += text }, true)
    await showDoctor(observer, { variables, output, signal: new AbortController().signal })
  } finally {
    await observer.stop()
  }
  return JSON.parse(printed) as Diagnosis
}

function seenOf ({ findings }: Diagnosis, code: string): string {
  const found = findings.find(each => each.code === code)
  return found === undefined ? `no ${code} among ${JSON.stringify(findings)}` : found.seen.join('\n')
}

/** A plain service with these methods. */
function plain (methods: readonly string[]): DistributedModuleOptions {
  const app = feathers()
  const service = Object.fromEntries(methods.map(name => [name, async () => []]))
  app.use('plain', service as object as { find: () => Promise<never[]> }, { methods: methods as ['find'] })
  return { app, services: ['plain'], distributedMethods: [...methods] }
}

describe('the doctor', () => {
  it('finds nothing where nothing is wrong', async () => {
    await mesh.host()
    await mesh.host()
    expect(await diagnose()).toEqual({ isWell: true, nodes: 2, findings: [] })
  })

  it('tells that nothing was heard, with the remedy', async () => {
    const { isWell, findings } = await diagnose()
    expect([isWell, findings]).toEqual([false, [expect.objectContaining({ code: 'nothing-heard' })]])
    expect(findings[0]).toMatchObject(FINDINGS['nothing-heard'])
  })

  it('tells of another environment, as a note where there are nodes of its own', async () => {
    await mesh.node({ cote: { environment: 'other' } })
    const alone = await diagnose()
    expect([alone.isWell, seenOf(alone, 'other-environment')]).toEqual([false, expect.stringContaining("is 'other'")])
    await mesh.node()
    const beside = await diagnose()
    expect([beside.isWell, seenOf(beside, 'other-environment')]).toEqual([true, expect.stringContaining("is 'other'")])
  })

  it.each<[string, string | undefined, string | undefined]>([
    ['no-secret', SECRET, undefined], ['one-sided-secret', undefined, SECRET], ['wrong-secret', SECRET, OTHER_SECRET]
  ])('finds %s', async (code, theirs, ours) => {
    await mesh.host(theirs === undefined ? {} : { secret: theirs })
    const diagnosis = await diagnose(ours === undefined ? {} : { secret: ours })
    expect(diagnosis.isWell).toBe(false)
    expect(seenOf(diagnosis, code)).toContain('127.0.0.1: this node refuses a hello')
  })

  it('finds what other nodes do not see', async () => {
    const node = await mesh.host({ name: 'careful', secret: SECRET })
    await mesh.host({ secret: OTHER_SECRET })
    await until('the refusal', () => node.counters().foreignHello > 0)
    expect(seenOf(await diagnose({ secret: SECRET }), 'wrong-secret')).toMatch(/^careful \(.{8}\) sees 127/m)
  })

  it('finds a node that was heard and takes no connections', async () => {
    const port = await freePort()
    await mesh.host({ secret: SECRET, advertise: `127.0.0.1:${port}` })
    expect(seenOf(await diagnose({ secret: SECRET }), 'not-reached')).toContain(`ECONNREFUSED 127.0.0.1:${port}`)
  })

  it('finds that nobody is at a place', async () => {
    const port = await freePort()
    const cote = { broadcast: undefined, discovery: `static://127.0.0.1:${port}` }
    expect(seenOf(await diagnose({ cote }), 'nobody-at-place')).toContain(`127.0.0.1:${port}`)
  })

  it('finds a hello that is too large', async () => {
    const names = Array.from({ length: 450 }, (_, n) => `method${n}${'x'.repeat(180)}`)
    await mesh.node({ name: 'large', ...plain(['find', ...names]) })
    const seen = seenOf(await diagnose(), 'hello-too-large')
    expect(seen).toMatch(/^large .* warns: this node offers methods of \d+ names/)
  })

  it('finds a hello of another version of the mesh', async () => {
    await hostOfVersion(mesh, 2)
    expect(seenOf(await diagnose(), 'other-mesh-version')).toContain('it speaks version 2')
  })

  it('finds replicas that differ, and none that have different keys', async () => {
    await mesh.node({ name: 'one', ...plain(['find', 'get']) })
    await mesh.node({ name: 'two', ...plain(['find']) })
    await mesh.node({ name: 'three', key: 'other', ...plain(['find']) })
    expect(seenOf(await diagnose(), 'replicas-differ')).toMatch(/^'plain' of .*it has no method get$/)
  })

  it('finds two nodes of one id', async () => {
    const cote = { ...mesh.cote, helloInterval: 200 }
    const twins = [1, 2].map(() => new BareNode(new CoteTransport(cote), { id: 'twin' }))
    try {
      for (const twin of twins) await twin.start()
      expect(seenOf(await diagnose(), 'same-id')).toContain('node twin')
    } finally {
      await Promise.all(twins.map(async ({ transport }) => await transport.stop(0)))
    }
  })

  it('finds unknown variables, its own and those of nodes', async () => {
    process.env.MESH_KEYS = '5'
    try {
      await mesh.node({ name: 'mistyped' })
    } finally {
      delete process.env.MESH_KEYS
    }
    const seen = seenOf(await diagnose({ variables: { MESH_KEYY: 'a', MESH_SERVICE_HOST: 'b' } }), 'unknown-variable')
    expect(seen).toMatch(/^MESH_KEYY here; did you mean MESH_KEY\?\nmistyped .* warns: unknown variable 'MESH_KEYS'/)
  })

  it('tells which nodes answer no questions, as a note', async () => {
    await mesh.node({ name: 'silent', inspect: false })
    const diagnosis = await diagnose()
    expect([diagnosis.isWell, seenOf(diagnosis, 'no-answers')]).toEqual([true, expect.stringMatching(/^silent /)])
  })

  it('ends with 1, and tells people what to do', async () => {
    let out = ''
    const code = await run({
      args: ['doctor', '--environment', `nobody-${process.pid}`, '--discovery', 'static://127.0.0.1:1'],
      variables: { MESH_KEYY: 'a\u001b[2J' },
      out: text => { out += text },
      err: () => {},
      load: async () => ({}),
      signal: new AbortController().signal
    })
    expect(code).toBe(1)
    expect(out).toMatch(/^problem nothing-heard: no node was heard\n {2}- .*\n {2}what to do: start a node/)
    expect(out).toMatch(/\n0 nodes were heard; docs\/doctor\.md tells more of each finding\n$/)
  })
})

describe('docs/doctor.md', () => {
  it('has each finding in its table, with its remedy', () => {
    const page = readFileSync(join(__dirname, '../../docs/doctor.md'), 'utf8')
    const rows = Object.entries(FINDINGS).map(([code, { title, remedy }]) => `| \`${code}\` | ${title} | ${remedy} |`)
    expect(page.split('\n').filter(line => line.startsWith('| `'))).toEqual(rows)
  })
})
