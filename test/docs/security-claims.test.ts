import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { isTest, namedTests } from './test-names'

const ROOT = join(__dirname, '../..')
const read = (page: string): string => readFileSync(join(ROOT, page), 'utf8')
const text = read('SECURITY.md')

/** All pages that may cite tests. */
const pages = ['.', 'docs'].flatMap(folder => readdirSync(join(ROOT, folder))
  .filter(name => name.endsWith('.md')).map(name => join(folder, name)))

/** The files that a page mentions in backquotes. */
function filesIn (page: string): string[] {
  return [...page.matchAll(/`((?:test|lib|samples)\/[\w./-]+)`/g)].map(([, file = '']) => file)
}

/** The paragraphs of a section, each with its links. */
function paragraphsOf (section: string): string[] {
  const [, body = ''] = text.split(`\n## ${section}\n`)
  return (body.split('\n## ')[0] ?? '').split('\n\n').filter(paragraph => paragraph.trim() !== '')
}

describe('SECURITY.md', () => {
  it('cites more than 20 tests and files', () => {
    expect([namedTests(text).length > 20, filesIn(text).length > 20]).toEqual([true, true])
  })

  it('backs each claim about an attacker by a test, except that everything is lost without protection', () => {
    const claims = paragraphsOf('Who can do what').filter(paragraph => paragraph.startsWith('**'))
    expect(claims).toHaveLength(7)
    const bare = claims.filter(claim => namedTests(claim).length === 0)
    expect(bare).toEqual([expect.stringContaining('Can do everything that a node can')])
  })
})

describe('the citations of tests', () => {
  it.each(pages)('are full names of existing tests with the rows filled in, in %s', page => {
    expect(namedTests(read(page)).filter(test => !isTest(test))).toEqual([])
  })

  it.each(pages)('contain no placeholders in %s', page => {
    expect(namedTests(read(page)).filter(({ name }) => /%[sdijp#]/.test(name))).toEqual([])
  })

  it.each(pages)("do not become quotations by a '>' at the start of a line, in %s", page => {
    expect(read(page)).not.toMatch(/"[^"\n]*\n>[^"]*"\s+\(\[?`test\//)
  })
})

describe('the files of this repository', () => {
  it.each(pages)('exist when %s mentions them', page => {
    expect(filesIn(read(page)).filter(file => !existsSync(join(ROOT, file)))).toEqual([])
  })
})

describe('the check of citations', () => {
  const file = 'test/security/strangers.test.ts'
  const stranger = 'a stranger on the network of a mesh with a secret'
  const rejected = 'is rejected, counted and logged once'

  it.each([
    ['with a row of a constant', `${stranger} > ${rejected} with the wrong secret, while the mesh keeps working`],
    ['with a row of a list', 'a node with a secret > disconnects and counts it when its peer says nothing'],
    ['without rows', 'the counters of a node > exist before anything is rejected and cannot be modified']
  ])('accepts the name of a test %s', (_what, name) => {
    expect(isTest({ name, file })).toBe(true)
  })

  it.each([
    ['a row that does not exist', 'a node with a secret > disconnects and counts it when its peer sings'],
    ['an unfilled row', 'a node with a secret > disconnects and counts it when its peer %s'],
    ['no describe', 'exist before anything is rejected and cannot be modified'],
    ['another describe', `${stranger} > exist before anything is rejected and cannot be modified`]
  ])('rejects a name with %s', (_what, name) => {
    expect(isTest({ name, file })).toBe(false)
  })

  it('rejects a file that does not exist', () => {
    expect(isTest({ name: 'anything', file: 'test/nothing.test.ts' })).toBe(false)
  })
})
