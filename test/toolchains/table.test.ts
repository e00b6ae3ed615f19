import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { nameOf, wordsOf } from './cell'
import { MATRIX } from './matrix'
import { filled, PAGE, rowsOf } from './table'

const page = readFileSync(join(__dirname, '../..', PAGE), 'utf8')

describe('the toolchain table', () => {
  it('has exactly one row for each toolchain under test, with its expected result', () => {
    expect(rowsOf(page)).toEqual(MATRIX.map(cell => [cell.toolchain, cell.settings, wordsOf(cell)]))
  })

  it('is updated with the rows that were tested, and nothing else changes', () => {
    const cells = MATRIX.slice(0, 2)
    const [first, second] = cells.map(cell => ({ cell, result: wordsOf(cell), versions: ['tool 1.0.0'] }))
    const before = 'text\n<!-- toolchains -->\nold\n<!-- /toolchains -->\nmore\n'
    const one = filled(before, [second], cells)
    expect(one).toMatch(/^text\n<!-- toolchains -->\n\n[^]*tool 1\.0\.0[^]*<!-- \/toolchains -->\nmore\n$/)
    const two = filled(one, [first], cells)
    expect(rowsOf(two)).toEqual(cells.map(cell => [cell.toolchain, cell.settings, wordsOf(cell)]))
    expect(filled(two, [{ ...first, versions: ['tool 2.0.0'] }], cells.slice(0, 1))).not.toContain('tool 1.0.0')
  })

  it('names each combination of toolchain and settings once', () => {
    const names = MATRIX.map(nameOf)
    expect(new Set(names).size).toBe(names.length)
  })
})
