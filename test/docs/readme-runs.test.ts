import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { io } from 'socket.io-client'
import { freePort } from '../free-port'
import { hasNats, NatsServer } from '../transport/nats/nats-server'
import { until } from '../until'
import { readBlocks, writeNamedBlocks, type CodeBlock } from './code-blocks'

const root = join(__dirname, '../..')
const COMPILING = 120_000
/** Two processes load Express and all else: seconds on a busy machine. */
const SLOW = 40_000
const run = promisify(execFile)

/** What the README says to change for ES modules. */
const asEsModule = ({ code, ...block }: CodeBlock): CodeBlock => ({
  ...block,
  code: code.replace(/(from '\.\/[\w-]+)'/g, "$1.js'").replace('express(feathers())', 'express.default(feathers())')
})

/**
 * The programs of a page, compiled by tsc with the tsconfig.json of the README, in a folder of this package: they find
 * feathers-mesh as users do.
 */
async function build (page: string, type: 'commonjs' | 'module'): Promise<string> {
  const parent = join(root, '.build')
  mkdirSync(parent, { recursive: true })
  const folder = mkdtempSync(join(parent, 'readme-'))
  const blocks = readBlocks(root, page)
  const config = readBlocks(root, 'README.md').find(({ language }) => language === 'json')
  if (config === undefined) throw new Error('the README has no tsconfig.json')
  writeNamedBlocks(type === 'module' ? blocks.map(asEsModule) : blocks, folder)
  writeFileSync(join(folder, 'tsconfig.json'), config.code)
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, type }))
  // A package of its own finds this one as any other does.
  mkdirSync(join(folder, 'node_modules'))
  symlinkSync(root, join(folder, 'node_modules/feathers-mesh'), 'dir')
  await run(process.execPath, [join(root, 'node_modules/typescript-7/bin/tsc')], { cwd: folder }).catch(
    (error: { stdout: string }) => { throw new Error(`${page} does not compile as ${type}:\n${error.stdout}`) })
  return join(folder, 'dist')
}

describe.each(['commonjs', 'module'] as const)('the programs of the README, compiled as %s', type => {
  const env = { ...process.env, COTE_ENV: `readme-${type}-${process.pid}` }
  const running: ChildProcess[] = []
  let folder: string

  beforeAll(async () => { folder = await build('README.md', type) }, COMPILING)

  afterEach(async () => {
    await Promise.all(running.splice(0).map(async process => {
      if (process.exitCode === null && process.signalCode === null) await once(killed(process), 'exit')
    }))
  })

  afterAll(() => rmSync(join(folder, '..'), { recursive: true, force: true }))

  function killed (process: ChildProcess): ChildProcess {
    process.kill('SIGKILL')
    return process
  }

  function start (program: string, variables: NodeJS.ProcessEnv = {}): ChildProcess {
    const options = { env: { ...env, ...variables }, stdio: 'inherit' } as const
    const started = spawn(process.execPath, [join(folder, program)], options)
    running.push(started)
    return started
  }

  async function output (program: string, variables: NodeJS.ProcessEnv = {}): Promise<string> {
    const options = { env: { ...env, ...variables }, timeout: SLOW }
    const { stdout } = await run(process.execPath, [join(folder, program)], options)
    return stdout
  }

  async function ended (process: ChildProcess): Promise<unknown> {
    const end = once(process, 'exit')
    process.kill('SIGTERM')
    return await end
  }

  it('say hello from one process to another', async () => {
    start('hello-service.js')
    expect(await output('hello.js')).toBe('Hello, Ada!\n')
  }, COMPILING)

  it('serve a consumer with calls and an event, and exit on their own', async () => {
    const service = start('service.js')
    expect((await output('consumer.js')).split('\n')).toEqual(['done: read this', 'todos: 1', ''])
    expect(await ended(service)).toEqual([0, null])
  }, COMPILING)

  it('serve REST and socket.io clients through the gateway, which exits on SIGTERM despite open clients', async () => {
    const port = await freePort()
    const url = `http://127.0.0.1:${port}`
    start('service.js')
    const gateway = start('gateway.js', { PORT: String(port) })
    const get = async () => await fetch(`${url}/todos`)
      .then(async reply => reply.status === 200 && await reply.json(), () => false)
    expect(await until('the gateway to answer', get, SLOW)).toEqual([])

    const client = io(url, { transports: ['websocket'] })
    try {
      const created = new Promise(resolve => client.once('todos created', resolve))
      await until('a socket', () => client.connected)
      const todo = await client.emitWithAck('create', 'todos', { title: 'by socket', evil: true }) as unknown
      const expected = { id: 1, title: 'by socket', done: false }
      expect(todo).toBeNull()
      expect(await created).toEqual(expected)
      expect(await get()).toEqual([expected])
      expect(await ended(gateway)).toEqual([0, null])
    } finally {
      client.close()
    }
  }, COMPILING)

  const itWithNats = hasNats ? it : it.skip

  itWithNats('say hello, and serve a consumer, on a NATS server that MESH_TRANSPORT names', async () => {
    const monitor = await freePort()
    const server = await NatsServer.start(`http: "127.0.0.1:${monitor}"`)
    try {
      const variables = { MESH_TRANSPORT: server.url }
      start('hello-service.js', variables)
      const service = start('service.js', variables)
      expect(await output('hello.js', variables)).toBe('Hello, Ada!\n')
      expect((await output('consumer.js', variables)).split('\n')).toEqual(['done: read this', 'todos: 1', ''])
      const seen = await (await fetch(`http://127.0.0.1:${monitor}/connz?state=all`)).json() as { total: number }
      expect(seen.total).toBeGreaterThanOrEqual(4)
      expect(await ended(service)).toEqual([0, null])
    } finally {
      await server.stop()
    }
  }, COMPILING)

  it('run without sockets when they use a memory network', async () => {
    expect(await output('todo-service.test.js')).toBe("{ id: 1, title: 'try it', done: false }\n")
  }, COMPILING)
})

describe('the programs of docs/api.md', () => {
  it('inject a fake that a test registers', async () => {
    const folder = await build('docs/api.md', 'commonjs')
    try {
      const { stdout } = await run(process.execPath, [join(folder, 'dashboard.test.js')])
      expect(stdout).toBe("[ 'a todo' ]\n")
    } finally {
      rmSync(join(folder, '..'), { recursive: true, force: true })
    }
  }, COMPILING)
})
