import { execFile } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, posix } from 'node:path'
import { promisify } from 'node:util'

const ROOT = join(__dirname, '../..')
const TIMEOUT = 60_000
const run = promisify(execFile)

interface Link {
  readonly page: string
  readonly target: string
}

/** The text of a page without its blocks and pieces of code. */
const proseOf = (page: string, root = ROOT): string =>
  readFileSync(join(root, page), 'utf8').replace(/^( *)```[^]*?^\1```$/gm, '').replace(/`[^`\n]*`/g, 'code')

/** Links and images, those of HTML and those that are defined apart included. */
function linksOf (page: string): Link[] {
  const text = proseOf(page)
  const targets = [
    ...text.matchAll(/\]\(\s*<?([^)\s>]+)/g), ...text.matchAll(/^\[[^\]]+\]:\s*(\S+)/gm),
    ...text.matchAll(/\b(?:href|src)="([^"]+)"/g)
  ]
  return targets.map(([, target = '']) => ({ page, target }))
}

/** The names by which GitHub and npm reach the headings of a page. */
function anchorsOf (page: string): Set<string> {
  const text = readFileSync(join(ROOT, page), 'utf8').replace(/^( *)```[^]*?^\1```$/gm, '')
  return new Set([...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading.toLowerCase().replace(/[^\p{L}\p{N}\s_-]/gu, '').trim().replace(/ /g, '-')))
}

describe('the published pages', () => {
  let files: string[]
  let pages: string[]

  beforeAll(async () => {
    const { stdout } = await run('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { cwd: ROOT })
    // npm lists packed packages by position or, from version 12 on, by name.
    const [packed] = Object.values(JSON.parse(stdout) as Record<string, { files: Array<{ path: string }> }>)
    files = packed.files.map(file => file.path)
    pages = files.filter(file => file.endsWith('.md'))
  }, TIMEOUT)

  it('are the README, the pages of docs/ and three more', () => {
    const some = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'CHANGELOG.md', 'docs/troubleshooting.md']
    expect(pages).toEqual(expect.arrayContaining(some))
    expect(files).toContain('docs/bench.svg')
  })

  it('link only to published files and to headings that exist', () => {
    const links = pages.flatMap(linksOf).filter(({ target }) => !/^(?:https?|mailto):/.test(target))
    expect(links.length).toBeGreaterThan(30)
    const broken = links.filter(({ page, target }) => {
      const [path = '', anchor] = target.split('#')
      const file = path === '' ? page : posix.normalize(posix.join(posix.dirname(page), path))
      return !files.includes(file) || (anchor !== undefined && !anchorsOf(file).has(anchor))
    })
    expect(broken).toEqual([])
  })

  it('can all be reached from the README', () => {
    const linked = linksOf('README.md').map(({ target }) => target.split('#')[0])
    expect(pages.filter(page => page !== 'README.md' && !linked.includes(page))).toEqual([])
  })

  it('mention unpublished files in the form that docs:links writes', async () => {
    await run(process.execPath, ['.ci/link-documents.mjs', '--check'], { cwd: ROOT })
  })
})

describe('.ci/link-documents.mjs', () => {
  let folder: string

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'mesh-links-'))
    for (const part of ['.ci', 'docs', 'README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'CHANGELOG.md', 'package.json']) {
      cpSync(join(ROOT, part), join(folder, part), { recursive: true })
    }
    for (const part of ['bench', 'lib', 'samples', 'test']) symlinkSync(join(ROOT, part), join(folder, part), 'dir')
  })

  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  const link = async (...args: string[]) =>
    await run(process.execPath, ['.ci/link-documents.mjs', ...args], { cwd: folder })

  function withRepository (url: string): void {
    const path = join(folder, 'package.json')
    const manifest = JSON.parse(readFileSync(path, 'utf8')) as object
    writeFileSync(path, JSON.stringify({ ...manifest, repository: { type: 'git', url } }))
  }

  it('links unpublished files when the package has an address, and updates the links when it changes', async () => {
    withRepository('git+https://example.org/mesh.git')
    await expect(link('--check')).rejects.toMatchObject({ code: 1 })
    await link()
    const page = () => readFileSync(join(folder, 'README.md'), 'utf8')
    const linked = (host: string) =>
      `[\`samples/todos/README.md\`](https://${host}/mesh/blob/main/samples/todos/README.md)`
    expect(page()).toContain(linked('example.org'))
    await link('--check')

    withRepository('git+https://example.com/mesh.git')
    await link()
    expect(page()).toContain(linked('example.com'))
    expect(page()).not.toContain('example.org')
  })

  it('replaces a relative link to an unpublished file by its name and its path', async () => {
    const path = join(folder, 'docs/testing.md')
    writeFileSync(path, 'See [the name of a test](../test/docs/links.test.ts), and [options](options.md).\n')
    await link()
    expect(readFileSync(path, 'utf8'))
      .toBe('See "the name of a test" (`test/docs/links.test.ts`), and [options](options.md).\n')
  })

  it('links a function to its file, and updates the link when the address changes', async () => {
    const path = join(folder, 'docs/testing.md')
    const named = '`test/until.ts:until`'
    writeFileSync(path, `Wait with ${named}.\n`)
    await link()
    expect(readFileSync(path, 'utf8')).toBe(`Wait with ${named}.\n`)
    for (const host of ['example.org', 'example.com']) {
      withRepository(`git+https://${host}/mesh.git`)
      await link()
      expect(readFileSync(path, 'utf8')).toBe(`Wait with [${named}](https://${host}/mesh/blob/main/test/until.ts).\n`)
    }
  })
})
