import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium } from 'playwright-core'
import type { Browser, Page } from 'playwright-core'
import { until } from '../until'
import { SampleProcess } from './sample-process'

interface Todo { id: number, title: string, done: boolean }

/** What may be in a reply of the gateway. */
type Reply = Todo & { data: Todo[], replica: string }

const executablePath = '/usr/bin/chromium'
const browserArguments = [
  '--no-sandbox', '--disable-gpu', '--disable-background-networking', '--no-first-run',
  '--disable-component-update', '--disable-sync'
]

// Where the CI has no browser, the tests run and fail: a skipped one would look like a pass.
const canBrowse = existsSync(executablePath) || Boolean(process.env.CI)
if (!canBrowse) console.warn(`The tests of the page are skipped, because there is no ${executablePath}.`)

jest.setTimeout(30_000)

describe('the todos sample', () => {
  const directory = mkdtempSync(join(tmpdir(), 'todos-test-'))
  const started: SampleProcess[] = []
  let url: string

  function start (env: NodeJS.ProcessEnv = {}): SampleProcess {
    const sample = new SampleProcess('todos', { PORT: '0', TMPDIR: directory, ...env })
    started.push(sample)
    return sample
  }

  async function request (method: string, path: string, body?: object, headers: Record<string, string> = {}) {
    const response = await fetch(url + path, {
      method,
      headers: { accept: 'application/json', 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body)
    })
    return { status: response.status, body: await response.json() as Reply }
  }

  beforeAll(async () => { url = await start().url() })

  afterAll(async () => {
    await Promise.all(started.map(sample => sample.end()))
    rmSync(directory, { recursive: true })
  })

  describe('over REST', () => {
    it('spreads calls over both replicas', async () => {
      const seen = new Set<string>()
      await until('an answer of each replica', async () => {
        const { status, body } = await request('GET', '/todos')
        expect(status).toBe(200)
        return seen.add(body.replica).size === 2
      })
      expect([...seen].sort()).toEqual(['A', 'B'])
    })

    it('creates, gets, completes and removes a todo, whichever replica answers', async () => {
      const created = await request('POST', '/todos', { title: 'Water the plants' })
      expect(created).toMatchObject({ status: 201, body: { title: 'Water the plants', done: false } })
      const { id } = created.body

      const completed = await request('POST', '/todos', { id }, { 'x-service-method': 'complete' })
      expect(completed.body).toMatchObject({ id, done: true })
      expect((await request('GET', `/todos/${id}`)).body).toMatchObject({ id, done: true })
      const done = await request('GET', '/todos?done=true')
      expect(done.body.data).toContainEqual({ id, title: 'Water the plants', done: true })

      expect((await request('DELETE', `/todos/${id}`)).status).toBe(200)
      expect((await request('GET', `/todos/${id}`)).status).toBe(404)
    })

    it('loses no change when both replicas write simultaneously', async () => {
      const titles = Array.from({ length: 20 }, (_, index) => `At once ${index}`)
      const created = await Promise.all(titles.map(title => request('POST', '/todos', { title })))
      const ids = created.map(({ body }) => body.id)
      expect(new Set(ids).size).toBe(titles.length)
      const found = await request('GET', '/todos')
      expect(found.body.data.map(({ title }) => title)).toEqual(expect.arrayContaining(titles))
      await Promise.all(ids.map(id => request('DELETE', `/todos/${id}`)))
    })

    it('refuses invalid data with an error that names the fault', async () => {
      const { status, body } = await request('POST', '/todos', { title: '' })
      expect(status).toBe(400)
      expect(JSON.stringify(body)).toContain('title must be longer than or equal to 1 characters')
      expect((await request('POST', '/todos', { id: 'x' }, { 'x-service-method': 'complete' })).status).toBe(400)
    })

    it('refuses cross-site requests of a browser', async () => {
      const headers = { origin: 'http://elsewhere.example' }
      expect((await request('POST', '/replicas/A/stop', undefined, headers)).status).toBe(403)
      expect((await request('POST', '/replicas/C/stop')).status).toBe(404)
    })
  })

  describe('with its launcher', () => {
    it('exits with an error when the port is in use, and leaves nothing behind', async () => {
      const { port } = new URL(url)
      const second = start({ PORT: port })
      expect(await second.exit()).toBe(1)
      expect(second.output).toContain(`Port ${port} is in use`)
    })

    it('ends every process on Ctrl-C and removes its files', async () => {
      const before = readdirSync(directory)
      const second = start()
      await second.url()
      expect(readdirSync(directory)).toHaveLength(before.length + 1)
      second.pressCtrlC()
      expect(await second.exit()).toBe(0)
      expect(readdirSync(directory)).toEqual(before)
    })

    it('ends all other processes when the launcher is killed', async () => {
      const second = start()
      await second.url()
      second.killLauncher()
      expect(await second.exit()).toBeNull()
    })
  })

  const describePage = canBrowse ? describe : describe.skip
  describePage('on its page', () => {
    let browser: Browser
    let page: Page
    const problems: string[] = []

    async function open (): Promise<Page> {
      const opened = await browser.newPage()
      opened.setDefaultTimeout(10_000)
      opened.on('pageerror', error => problems.push(error.message))
      opened.on('request', sent => { if (new URL(sent.url()).hostname !== 'localhost') problems.push(sent.url()) })
      await opened.goto(url)
      await opened.locator('#todos li').first().waitFor()
      return opened
    }

    const todo = (on: Page, title: string) => on.locator('#todos li', { has: on.getByText(title, { exact: true }) })
    const event = (on: Page, name: string, title: string) => on.locator(`#events [data-event=${name}]`, { hasText: title })
    const replica = (name: string, state: string) => page.locator(`#replicas [data-replica=${name}][data-state=${state}]`)
    const press = (name: string) => page.getByRole('button', { name, exact: true }).click()

    async function add (title: string): Promise<void> {
      await page.getByLabel('New todo').fill(title)
      await page.keyboard.press('Enter')
      await todo(page, title).waitFor()
    }

    beforeAll(async () => {
      browser = await chromium.launch({ executablePath, args: browserArguments })
    })
    afterAll(() => browser?.close())

    beforeEach(async () => { page = await open() })
    afterEach(async () => {
      await page.close()
      expect(problems).toEqual([])
    })

    it('lists, adds, completes and removes todos, and a second page shows the changes live', async () => {
      const other = await open()
      await todo(page, 'Complete this one').waitFor()

      await add('Buy <b>milk</b>')
      await event(other, 'created', 'Buy <b>milk</b>').waitFor()
      await todo(other, 'Buy <b>milk</b>').waitFor()

      await press('Complete: Buy <b>milk</b>')
      await todo(page, 'Buy <b>milk</b>').getByText('done').waitFor()
      await event(other, 'completed', 'Buy <b>milk</b>').waitFor()
      await todo(other, 'Buy <b>milk</b>').getByText('done').waitFor()

      await press('Remove: Buy <b>milk</b>')
      await todo(page, 'Buy <b>milk</b>').waitFor({ state: 'detached' })
      await event(other, 'removed', 'Buy <b>milk</b>').waitFor()
      await todo(other, 'Buy <b>milk</b>').waitFor({ state: 'detached' })
    })

    it('shows the fault that the replica found in a todo, and continues', async () => {
      await press('Add')
      await page.getByRole('alert').getByText('title must be longer than or equal to 1 characters').waitFor()
      await add('With a title')
      await page.getByRole('alert').waitFor({ state: 'hidden' })
      await press('Remove: With a title')
    })

    it('shows which replica answered, and keeps working while one is stopped and started', async () => {
      const answers = (name: string) => page.locator(`#answers [data-replica=${name}]`).first()
      // By animation frame. A locator looks every 500 ms, which is each second answer: those of one replica only.
      const isLast = (name: string) => page.waitForFunction(
        `document.querySelector('#answer-last [data-replica=${name}]') !== null`)
      await page.getByLabel('Call find 4 times a second').check()
      await Promise.all([answers('A').waitFor(), answers('B').waitFor()])

      await press('Stop replica A')
      await replica('A', 'stopped').waitFor()
      await add('Added while A is away')
      expect(await event(page, 'created', 'Added while A is away').locator('.badge').textContent()).toBe('B')

      await press('Start replica A')
      await replica('A', 'running').waitFor()
      await isLast('A')
      await press('Remove: Added while A is away')
      await todo(page, 'Added while A is away').waitFor({ state: 'detached' })
      expect(await page.locator('#answers-count').textContent()).toContain('0 failed')
    })

    it('keeps working when a replica is killed', async () => {
      await press('Kill replica B')
      await replica('B', 'stopped').waitFor()
      await add('Added while B is dead')
      await press('Remove: Added while B is dead')
      await todo(page, 'Added while B is dead').waitFor({ state: 'detached' })
      await press('Start replica B')
      await replica('B', 'running').waitFor()
    })
  })
})
