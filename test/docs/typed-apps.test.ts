import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { build } from 'esbuild'
import { chromium } from 'playwright-core'
import ts from 'typescript'
import { until } from '../until'
import { readBlocks, writeNamedBlocks } from './code-blocks'

const ROOT = join(__dirname, '../..')
const executablePath = '/usr/bin/chromium'
const browserArguments = [
  '--no-sandbox', '--disable-gpu', '--disable-background-networking', '--no-first-run', '--disable-component-update',
  '--disable-sync'
]

// Where the CI has no browser, the test runs and fails: a skipped one would look like a pass.
const canBrowse = existsSync(executablePath) || Boolean(process.env.CI)
if (!canBrowse) console.warn(`The test of the web client is skipped, because there is no ${executablePath}.`)

jest.setTimeout(60_000)

const EXPECTED = 'Ada: true, BadRequest'

/** The programs of the page, in a folder of this package: they find feathers-mesh as users do. */
function programs (): string {
  const parent = join(ROOT, '.build')
  mkdirSync(parent, { recursive: true })
  const folder = mkdtempSync(join(parent, 'typed-apps-'))
  writeNamedBlocks(readBlocks(ROOT, 'docs/typed-apps.md'), folder)
  const path = join(ROOT, 'tsconfig.json')
  const { config } = ts.readConfigFile(path, ts.sys.readFile) as { config: { compilerOptions: object } }
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, ROOT)
  for (const file of readdirSync(folder)) {
    const source = readFileSync(join(folder, file), 'utf8')
    const { outputText } = ts.transpileModule(source, { compilerOptions: options, fileName: file })
    writeFileSync(join(folder, file.replace(/\.ts$/, '.js')), outputText)
  }
  return folder
}

/** The client as one script for a page, which has its module under a global name. */
async function bundle (folder: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(folder, 'web-client.ts')],
    bundle: true,
    platform: 'browser',
    format: 'iife',
    globalName: 'webClient',
    write: false,
    logLevel: 'silent'
  })
  return outputFiles[0].text
}

describe('the programs of docs/typed-apps.md', () => {
  const env = { ...process.env, COTE_ENV: `typed-apps-${process.pid}`, PORT: '0', WEB_ORIGIN: '*' }
  const children: ChildProcess[] = []
  let folder: string
  let gateway: string

  function start (program: string): () => string {
    let printed = ''
    const child = spawn(process.execPath, [join(folder, program)], { env, stdio: ['ignore', 'pipe', 'pipe'] })
    children.push(child)
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', chunk => { printed += String(chunk) })
    return () => printed
  }

  beforeAll(async () => {
    folder = programs()
    start('host.js')
    const printed = start('gateway.js')
    const port = await until('the port of the gateway', () => /"port":(\d+)/.exec(printed())?.[1], 30_000)
    gateway = `http://127.0.0.1:${port}`
    await until('the service on the gateway', async () => (await fetch(`${gateway}/orders`)).status === 200, 30_000)
  })

  afterAll(async () => {
    await Promise.all(children.filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null)
      .map(async child => await new Promise(resolve => child.once('exit', resolve).kill('SIGKILL'))))
    rmSync(folder, { recursive: true, force: true })
  })

  it('serve a Node client over socket.io with calls, an event and an error', async () => {
    // Its socket would keep this process.
    const source = `require('./web-client.js').shipOne('${gateway}').then(text => { console.log(text); process.exit() })`
    writeFileSync(join(folder, 'node-client.js'), source)
    const printed = start('node-client.js')
    await until('what the client found', () => printed().includes('\n'), 30_000)
    expect(printed().trim()).toBe(EXPECTED)
  })

  it('bundle for browsers without any code of the server', async () => {
    const script = await bundle(folder)
    expect(script).toContain('ship')
    const server = ['feathers-mesh', 'class-validator', 'tsyringe', 'OrderService', 'node:net', 'reflect-metadata']
    for (const word of server) {
      expect(script).not.toContain(word)
    }
  })

  const inBrowser = canBrowse ? it : it.skip
  inBrowser('serve the same client in a real browser', async () => {
    const script = (await bundle(folder)).replaceAll('</script', '<\\/script')
    const page = `<!doctype html><title>orders</title><body><script>${script}</script></body>`
    const server = createServer((_request, response) => response.setHeader('content-type', 'text/html').end(page))
    await new Promise<void>(resolve => { server.listen(0, '127.0.0.1', resolve) })
    const browser = await chromium.launch({ executablePath, args: browserArguments })
    try {
      const tab = await browser.newPage()
      await tab.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
      expect(await tab.evaluate(`webClient.shipOne('${gateway}')`)).toBe(EXPECTED)
    } finally {
      await browser.close()
      server.closeAllConnections()
      server.close()
    }
  })
})
