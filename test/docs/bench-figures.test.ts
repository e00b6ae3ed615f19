import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { blocks, filled, PAGES } from '../../bench/report/documents'

const ROOT = join(__dirname, '../..')

describe('the figures in the documents', () => {
  it.each(PAGES)('are those of bench/results: %s', page => {
    const content = readFileSync(join(ROOT, page), 'utf8')
    expect(filled(content, blocks())).toBe(content)
  })

  it('take the place of what stood between the marks, and nothing else', () => {
    const page = 'before\n<!-- bench:a -->\nold\n<!-- /bench:a -->\nafter <!-- bench:b -->\n<!-- /bench:b -->\n'
    const wanted = 'before\n<!-- bench:a -->\n\nnew\n\n<!-- /bench:a -->\nafter <!-- bench:b -->\n<!-- /bench:b -->\n'
    expect(filled(page, new Map([['a', 'new']]))).toBe(wanted)
    expect(filled(wanted, new Map([['a', 'new']]))).toBe(wanted)
  })
})
