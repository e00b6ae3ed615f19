import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { testNames } from './test-names'

const ROOT = join(__dirname, '../..')
const text = readFileSync(join(ROOT, 'SECURITY.md'), 'utf8')
const links = [...text.matchAll(/\[([^\]]+)\]\(([^)]+)\)/g)].map(([, name = '', file = '']) => ({ name, file }))
const tests = links.filter(({ file }) => file.startsWith('test/'))

/** The paragraphs of a section, each with its links. */
function paragraphsOf (section: string): string[] {
  const [, body = ''] = text.split(`\n## ${section}\n`)
  return (body.split('\n## ')[0] ?? '').split('\n\n').filter(paragraph => paragraph.trim() !== '')
}

describe('SECURITY.md', () => {
  it('names files that there are', () => {
    const files = links.map(({ file }) => file).filter(file => !file.startsWith('#'))
    expect(files.filter(file => !existsSync(join(ROOT, file)))).toEqual([])
  })

  it('names tests that their files have', () => {
    expect(tests.length).toBeGreaterThan(20)
    const missing = tests.filter(({ name, file }) => !testNames(file).has(name) && !isTitleOf(file, name))
    expect(missing).toEqual([])
  })

  it('claims nothing of anybody without a test, but that all is lost', () => {
    const claims = paragraphsOf('Who can do what').filter(paragraph => paragraph.startsWith('**'))
    expect(claims).toHaveLength(7)
    const bare = claims.filter(claim => !claim.includes('](test/'))
    expect(bare).toEqual([expect.stringContaining('Can do everything that a node can')])
  })
})

/** A link to all of a file goes by its name. */
function isTitleOf (file: string, name: string): boolean {
  return file.endsWith(`/${name}.test.ts`)
}
