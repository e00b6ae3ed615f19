import { spawn, spawnSync } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { chromium } from 'playwright-core'
import { parse } from 'yaml'
import { until } from '../until'
import { RestClient, SocketClient } from './clients'
import type { Refusal } from './clients'

interface Service {
  build: { context: string, dockerfile: string }
  command: [program: string, ...args: string[]]
  environment: Record<string, string>
  networks: string[]
  volumes?: string[]
  ports?: string[]
}

interface Compose {
  services: Record<'gateway' | 'replica-a' | 'replica-b', Service>
  networks: Record<string, { driver: string, ipam: { config: Array<{ subnet: string }> } }>
  volumes: Record<string, unknown>
}

type Found = { replica: string, data: Array<{ title: string }> }

const root = join(__dirname, '../..')
const directory = join(root, 'samples/todos')
const file = join(directory, 'compose.yaml')
const executablePath = '/usr/bin/chromium'
const canBrowse = existsSync(executablePath) || Boolean(process.env.CI)

const hasCompose = spawnSync('docker', ['compose', 'version']).status === 0
if (!hasCompose) console.warn('compose.yaml is not shown to Docker Compose, because it is not on this machine.')
const itWithCompose = hasCompose ? it : it.skip

jest.setTimeout(30_000)

const { services, networks, volumes } = parse(readFileSync(file, 'utf8'), { merge: true }) as Compose
const all = Object.values(services)

describe('the compose file of the todos sample', () => {
  itWithCompose('is accepted by Docker Compose', () => {
    const { status, stderr } = spawnSync('docker', ['compose', '-f', file, 'config', '-q'], { encoding: 'utf8' })
    expect(stderr).toBe('')
    expect(status).toBe(0)
  })

  it('defines a gateway and two replicas, built from one Dockerfile', () => {
    expect(Object.keys(services)).toEqual(['gateway', 'replica-a', 'replica-b'])
    for (const { build: { context, dockerfile } } of all) {
      expect(resolve(directory, context)).toBe(root)
      expect(resolve(directory, context, dockerfile)).toBe(join(directory, 'Dockerfile'))
    }
    expect(services['replica-a'].environment.REPLICA).not.toBe(services['replica-b'].environment.REPLICA)
  })

  it('runs programs that the build creates', () => {
    for (const { command: [program, ...args] } of all) {
      expect(program).toBe('node')
      for (const arg of args) expect(existsSync(join(root, arg))).toBe(true)
    }
  })

  it('puts all programs into one network, to which the mesh broadcasts', () => {
    expect(Object.keys(networks)).toEqual(['mesh'])
    const [{ subnet }] = networks.mesh.ipam.config
    for (const service of all) {
      expect(service.networks).toEqual(['mesh'])
      expect(subnet).toMatch(/\.0\/24$/)
      expect(service.environment.MESH_DISCOVERY).toBe(`broadcast://${subnet.replace(/0\/24$/, '255')}`)
    }
  })

  it('keeps the todos on a volume that both replicas share', () => {
    expect(Object.keys(volumes)).toEqual(['todos'])
    for (const { volumes: mounts, environment } of [services['replica-a'], services['replica-b']]) {
      expect(mounts).toEqual(['todos:/data'])
      expect(environment.TODOS_FILE).toBe('/data/todos.json')
    }
  })

  it('publishes the gateway to this machine only', () => {
    expect(services.gateway.ports).toEqual(['127.0.0.1:3030:3030'])
    expect(all.flatMap(({ ports = [] }) => ports)).toHaveLength(1)
  })

  it('builds from files that the Docker context contains', () => {
    const ignored = readFileSync(join(root, '.dockerignore'), 'utf8').split('\n')
    const dockerfile = readFileSync(join(directory, 'Dockerfile'), 'utf8')
    const copied = [...dockerfile.matchAll(/^COPY (.+) \S+$/gm)].flatMap(([, sources]) => sources.split(' '))
    expect(copied).toEqual(expect.arrayContaining(['package.json', 'package-lock.json', 'lib', 'samples']))
    for (const source of copied) {
      expect(existsSync(join(root, source))).toBe(true)
      expect(ignored).toContain(`!${source}`)
    }
  })
})

describe('the programs of the compose file, with its environment except for the addresses', () => {
  const data = mkdtempSync(join(tmpdir(), 'compose-test-'))
  const local = {
    MESH_DISCOVERY: 'broadcast://127.255.255.255',
    HOST: '127.0.0.1',
    PORT: '0',
    COTE_ENV: `compose-test-${process.pid}`,
    TODOS_FILE: join(data, 'todos.json')
  }
  const children = new Set<ChildProcess>()
  let output = ''
  let url: string
  let client: RestClient

  function run (name: keyof Compose['services']): ChildProcess {
    const { command: [, ...args], environment } = services[name]
    const env = { ...process.env, ...environment, ...local }
    const child = spawn(process.execPath, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] })
    child.stdout.on('data', chunk => { output += String(chunk) })
    child.stderr.on('data', chunk => { output += String(chunk) })
    children.add(child)
    return child
  }

  async function end (child: ChildProcess, signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    children.delete(child)
    if (child.exitCode !== null || child.signalCode !== null) return child.exitCode
    const ended = once(child, 'exit')
    child.kill(signal)
    const [code] = await ended
    return code as number | null
  }

  const find = async (): Promise<Found> => (await client.get<Found>('/todos')).body

  let replicaA: ChildProcess

  beforeAll(async () => {
    replicaA = run('replica-a')
    run('replica-b')
    const gateway = run('gateway')
    url = await until('the gateway to say where it is', () => {
      if (gateway.exitCode !== null) throw new Error(`The gateway has ended:\n${output}`)
      return /^feathers-mesh sample: (\S+)$/m.exec(output)?.[1]
    }, 20_000)
    client = new RestClient(url)
  })
  afterAll(async () => {
    await Promise.all([...children].map(child => end(child, 'SIGKILL')))
    rmSync(data, { recursive: true })
  })

  it('find each other and share the todos', async () => {
    const seen = new Set<string>()
    await until('an answer of each replica', async () => seen.add((await find()).replica).size === 2)
    expect((await client.post('/todos', { title: 'In a container' })).status).toBe(201)
    for (const name of seen) {
      await until(`the todo from ${name}`, async () => {
        const { replica, data: todos } = await find()
        if (replica !== name) return false
        expect(todos.map(({ title }) => title)).toContain('In a container')
        return true
      })
    }
  })

  it('report that there is no launcher when somebody tries to stop a replica', async () => {
    expect(await client.post('/replicas/A/stop', {}))
      .toMatchObject({ status: 501, body: { name: 'NotImplemented', message: expect.stringContaining('no launcher') } })
    expect((await client.get<Refusal>('/replicas')).status).toBe(501)
  })

  const itWithBrowser = canBrowse ? it : it.skip
  itWithBrowser('report on the page that there is no launcher, and the page still works', async () => {
    const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] })
    try {
      const page = await browser.newPage()
      await page.goto(url)
      await page.getByText('started without the launcher').waitFor()
      expect(await page.locator('#replicas button').count()).toBe(0)
      await page.locator('#todos li').first().waitFor()
    } finally {
      await browser.close()
    }
  })

  it('exit on SIGTERM, and the gateway continues with the other replica', async () => {
    expect(await end(replicaA)).toBe(0)
    const socket = await SocketClient.connect(url)
    expect(await socket.call('find', 'todos', {})).toMatchObject({ replica: 'B' })
    socket.close()
    replicaA = run('replica-a')
    await until('replica A again', async () => (await find()).replica === 'A')
  })

  it('recover after a replica was killed in the middle of a change', async () => {
    await end(replicaA, 'SIGKILL')
    // So it would leave the lock.
    renameSync(`${local.TODOS_FILE}.lock`, `${local.TODOS_FILE}.lock.A`)
    replicaA = run('replica-a')
    await until('replica A again', async () => (await find()).replica === 'A')
    expect((await client.post('/todos', { title: 'After the crash' })).status).toBe(201)
  })
})
