import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { blocks, filled, PAGES } from '../../bench/report/documents'

const ROOT = join(__dirname, '../..')

describe('the figures in the documents', () => {
  it.each(PAGES)('equal those in bench/results, in %s', page => {
    const content = readFileSync(join(ROOT, page), 'utf8')
    expect(filled(content, blocks())).toBe(content)
  })

  it('replace only the text between the marks', () => {
    const page = 'before\n<!-- bench:a -->\nold\n<!-- /bench:a -->\nafter <!-- bench:b -->\n<!-- /bench:b -->\n'
    const wanted = 'before\n<!-- bench:a -->\n\nnew\n\n<!-- /bench:a -->\nafter <!-- bench:b -->\n<!-- /bench:b -->\n'
    expect(filled(page, new Map([['a', 'new']]))).toBe(wanted)
    expect(filled(wanted, new Map([['a', 'new']]))).toBe(wanted)
  })
})
