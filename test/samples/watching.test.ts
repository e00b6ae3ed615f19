/** The todos sample, seen by the commands of its own clone, as a user starts them, and by the page in a browser. */
import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { DistributedModule } from 'feathers-mesh'
import { chromium } from 'playwright-core'
import type { Browser, Page } from 'playwright-core'
import { until } from '../until'
import { SampleProcess } from './sample-process'

const ROOT = join(__dirname, '../..')
const executablePath = '/usr/bin/chromium'
const browserArguments = [
  '--no-sandbox', '--disable-gpu', '--disable-background-networking', '--no-first-run',
  '--disable-component-update', '--disable-sync'
]
const canBrowse = existsSync(executablePath) || Boolean(process.env.CI)
if (!canBrowse) console.warn(`The tests of the console are skipped, because there is no ${executablePath}.`)

/** Whether the pictures of the documents are taken anew: the page differs each time. */
const takesPictures = process.env.UPDATE_SCREENSHOTS !== undefined

jest.setTimeout(60_000)

/** A command that runs until it is done, or is ended. */
class Command {
  output = ''
  private readonly child: ChildProcess
  private readonly ended: Promise<number | null>

  constructor (...args: string[]) {
    this.child = fork(join(ROOT, 'dist/cli/main.js'), args, { silent: true, execArgv: [] })
    this.child.stdout?.on('data', chunk => { this.output += String(chunk) })
    this.child.stderr?.on('data', chunk => { this.output += String(chunk) })
    this.ended = once(this.child, 'close').then(([code]) => code as number | null)
  }

  async exit (): Promise<number | null> {
    return await this.ended
  }

  async end (): Promise<void> {
    this.child.kill('SIGINT')
    await this.ended
  }
}

describe('the todos sample with all that looks at it', () => {
  let sample: SampleProcess
  let url: string
  const commands: Command[] = []

  function run (...args: string[]): Command {
    const command = new Command(...args)
    commands.push(command)
    return command
  }

  async function act (action: string): Promise<void> {
    expect((await fetch(`${url}/replicas/A/${action}`, { method: 'POST' })).status).toBe(202)
  }

  async function load (calls: number): Promise<void> {
    await Promise.all(Array.from({ length: calls }, async () => { await (await fetch(`${url}/todos`)).text() }))
  }

  beforeAll(async () => {
    // The variables that a user has: none.
    sample = new SampleProcess('todos', { PORT: '0', COTE_ENV: undefined })
    url = await sample.url()
  })

  afterAll(async () => {
    await Promise.all(commands.map(async command => await command.end()))
    await sample.end()
  })

  it('shows its processes to watch, tap, doctor and Prometheus at once, without an option', async () => {
    const [watch, doctor, tap] = [
      run('watch', '--count', '2', '--json'), run('doctor', '--json'), run('tap', 'todos', '--count', '1', '--json')
    ]
    const calling = setInterval(() => { load(1).catch(() => {}) }, 100)
    try {
      expect([await watch.exit(), await tap.exit()]).toEqual([0, 0])
    } finally {
      clearInterval(calling)
    }
    const { nodes, methods } = JSON.parse(watch.output.trim().split('\n')[1])
    expect(nodes).toHaveLength(3)
    expect(nodes.every(({ state }: { state: string }) => state === 'answers')).toBe(true)
    expect(methods).toContainEqual(expect.objectContaining({ path: 'todos', method: 'find', nodes: 2 }))
    expect(JSON.parse(tap.output)).toMatchObject({ path: 'todos', name: 'find', outcome: 'ok' })
    await doctor.exit()
    expect(JSON.parse(doctor.output)).toMatchObject({ nodes: 3 })
    const metrics = await (await fetch(`${url}/metrics`)).text()
    expect(metrics).toMatch(/^rpc_client_call_duration_seconds_count\{.*rpc_method="todos\/find"\} [1-9]/m)
  })

  const describePage = canBrowse ? describe : describe.skip
  describePage('on the page of the console', () => {
    let browser: Browser
    let page: Page
    const problems: string[] = []

    const row = (table: string, ...texts: Array<string | RegExp>) =>
      texts.reduce((rows, hasText) => rows.filter({ hasText }), page.locator(`#${table} tr`))

    beforeAll(async () => {
      const command = run('console', '--json', '--allow-calls')
      const address = await until('the console', () =>
        command.output.includes('\n') ? (JSON.parse(command.output) as { url: string }).url : undefined)
      browser = await chromium.launch({ executablePath, args: browserArguments })
      page = await browser.newPage({ viewport: { width: 1280, height: 1000 } })
      page.setDefaultTimeout(20_000)
      page.on('pageerror', error => problems.push(error.message))
      page.on('console', message => { if (message.type() === 'error') problems.push(message.text()) })
      page.on('request', sent => { if (new URL(sent.url()).hostname !== '127.0.0.1') problems.push(sent.url()) })
      await page.goto(address)
    })

    afterAll(async () => await browser?.close())

    afterEach(() => expect(problems).toEqual([]))

    it('shows all nodes, the map, and the contract of a service by keyboard', async () => {
      await until('three nodes', async () => await row('nodes', 'answers').count() === 3)
      expect(await page.locator('#map path.hosts').count()).toBe(2)
      expect(page.url()).not.toContain('#')
      await page.locator('#services button', { hasText: 'todos' }).focus()
      await page.keyboard.press('Enter')
      await page.locator('#contract', { hasText: 'completed' }).getByText('complete', { exact: true }).waitFor()
    })

    it('shows rates and what passes while the sample has much to do', async () => {
      let isBusy = true
      const busy = (async () => { while (isBusy) await load(40) })()
      try {
        await row('methods', 'todos.find').filter({ hasText: /todos\.find2[1-9]/ }).waitFor()
        await page.locator('#passing', { hasText: 'todos find  ok' }).waitFor()
        await page.locator('#map path.calls').waitFor({ state: 'attached' })
        if (takesPictures) await takePictures()
      } finally {
        isBusy = false
        await busy
      }
    })

    it('counts what passes beyond what it shows, and answers keys meanwhile', async () => {
      let isBusy = true
      const busy = Promise.all(Array.from({ length: 2 }, async () => { while (isBusy) await load(100) }))
      try {
        await page.locator('#lost', { hasText: /^\d+ more passed than are shown$/ }).waitFor()
        const lost = await page.locator('#lost').innerText()
        await until('more to be counted', async () => await page.locator('#lost').innerText() !== lost)
        // The page has much to show, and takes what somebody types.
        await page.locator('#filter').fill('<-  todos find')
        await until('lines of the filter alone', async () => {
          const lines = await page.locator('#passing div').allInnerTexts()
          return lines.length > 0 && lines.length <= 200 && lines.every(line => line.includes('<-  todos find'))
        })
        await page.getByRole('button', { name: 'Pause' }).press('Enter')
        await page.getByRole('button', { name: 'Go on' }).press('Enter')
        await page.locator('#filter').fill('')
      } finally {
        isBusy = false
        await busy
      }
    })

    it('shows what was refused, and which node is not seen by whom and why', async () => {
      // Before, too, there may be nodes that are not seen: those of other tests say their hellos on the same port.
      const stranger = DistributedModule.forRoot({
        name: 'stranger', discovery: 'broadcast://127.255.255.255', secret: 'the secret of another mesh',
        cote: { helloInterval: 200 }
      })
      try {
        await stranger.start()
        for (const by of ['gateway', 'replica-A', 'replica-B', 'this page']) await row('unseen', by, /secret/).waitFor()
        for (const by of ['gateway', 'replica-A', 'replica-B']) await row('refusals', by).first().waitFor()
        expect(await page.locator('#none-refused').isVisible()).toBe(false)
        expect(await page.locator('#all-seen').isVisible()).toBe(false)
      } finally {
        await stranger.stop()
      }
    })

    it('calls a method by its form, and shows text of the mesh as text', async () => {
      const title = '<img src=x onerror=alert(1)>'
      await page.locator('#call-path').selectOption('todos')
      await page.locator('#call-method').selectOption('create')
      await page.getByLabel('Data, as JSON').fill(JSON.stringify({ title }))
      await page.getByLabel('Data, as JSON').press('Tab')
      await page.keyboard.press('Enter')
      await page.locator('#result', { hasText: title }).waitFor()
      expect(await page.locator('main img').count()).toBe(0)
      await page.getByLabel('Data, as JSON').fill('{ "title": "" }')
      await page.getByRole('button', { name: 'Call once' }).click()
      await page.locator('#result', { hasText: 'title must be longer than or equal to 1 characters' }).waitFor()
    })

    it('shows that a node is killed, and that it starts again', async () => {
      await act('kill')
      await until('two nodes', async () => await page.locator('#nodes tr').count() === 2)
      await act('start')
      await until('three nodes', async () => await row('nodes', 'answers').count() === 3)
    })

    it('keeps what it has after it was loaded again', async () => {
      await page.reload()
      await until('three nodes', async () => await row('nodes', 'answers').count() === 3)
    })

    async function takePictures (): Promise<void> {
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme })
        await page.screenshot({ path: join(ROOT, `docs/console-${colorScheme}.png`) })
      }
    }
  })
})
