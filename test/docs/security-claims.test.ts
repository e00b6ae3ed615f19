import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { namedTests, testNames } from './test-names'

const ROOT = join(__dirname, '../..')
const text = readFileSync(join(ROOT, 'SECURITY.md'), 'utf8')
const tests = namedTests(text)

/** The paragraphs of a section, each with its links. */
function paragraphsOf (section: string): string[] {
  const [, body = ''] = text.split(`\n## ${section}\n`)
  return (body.split('\n## ')[0] ?? '').split('\n\n').filter(paragraph => paragraph.trim() !== '')
}

describe('SECURITY.md', () => {
  it('names files that there are', () => {
    const files = [...text.matchAll(/`((?:test|lib|samples)\/[^`]+)`/g)].map(([, file = '']) => file)
    expect(files.length).toBeGreaterThan(20)
    expect(files.filter(file => !existsSync(join(ROOT, file)))).toEqual([])
  })

  it('names tests that their files have', () => {
    expect(tests.length).toBeGreaterThan(20)
    const missing = tests.filter(({ name, file }) => !testNames(file).has(name))
    expect(missing).toEqual([])
  })

  it('claims nothing of anybody without a test, but that all is lost', () => {
    const claims = paragraphsOf('Who can do what').filter(paragraph => paragraph.startsWith('**'))
    expect(claims).toHaveLength(7)
    const bare = claims.filter(claim => namedTests(claim).length === 0)
    expect(bare).toEqual([expect.stringContaining('Can do everything that a node can')])
  })
})
