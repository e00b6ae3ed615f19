import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { nameOf, wordsOf } from './cell'
import { MATRIX } from './matrix'
import { filled, PAGE, rowsOf, tableOf } from './table'

const page = readFileSync(join(__dirname, '../..', PAGE), 'utf8')

describe('the table of toolchains', () => {
  it('has a row for each that is tried, with what has to come of it, and no other', () => {
    expect(rowsOf(page)).toEqual(MATRIX.map(cell => [cell.toolchain, cell.settings, wordsOf(cell)]))
  })

  it('takes the place of what stood between the marks, and nothing else', () => {
    const rows = MATRIX.slice(0, 2).map(cell => ({ cell, result: wordsOf(cell), versions: ['tool 1.0.0'] }))
    const before = 'text\n<!-- toolchains -->\nold\n<!-- /toolchains -->\nmore\n'
    const after = filled(before, tableOf(rows, 'here'))
    expect(after).toMatch(/^text\n<!-- toolchains -->\n\nTried here:\n[^]*tool 1\.0\.0[^]*<!-- \/toolchains -->\nmore\n$/)
    expect(rowsOf(after)).toHaveLength(2)
    expect(filled(after, tableOf(rows, 'here'))).toBe(after)
  })

  it('names each toolchain with its settings once', () => {
    const names = MATRIX.map(nameOf)
    expect(new Set(names).size).toBe(names.length)
  })
})
