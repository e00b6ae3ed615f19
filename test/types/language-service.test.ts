import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type ts from 'typescript'
import { languageService } from './language-service'

const FILE = join(__dirname, 'renamed.ts')
const source = readFileSync(FILE, 'utf8')

jest.setTimeout(60_000)

/** The line of each place, from 1; only this file is of interest. */
function lines (places: readonly ts.DocumentSpan[] | undefined): number[] {
  return (places ?? []).filter(({ fileName }) => fileName === FILE)
    .map(({ textSpan }) => source.slice(0, textSpan.start).split('\n').length).sort((a, b) => a - b)
}

/** The line of each appearance of a name of a method, its declaration the first. */
function appearances (name: string): number[] {
  return source.split('\n').flatMap((text, index) => new RegExp(`\\b${name} ?\\(`).test(text) ? [index + 1] : [])
}

describe.each(['complete', 'recount'])('an editor, asked about the method %s of a service', name => {
  const declared = source.indexOf(`${name} (`)
  const called = source.indexOf(`.${name}(`) + 1
  let service: ts.LanguageService

  beforeAll(() => { service = languageService(FILE) })

  afterAll(() => service.dispose())

  it('finds its calls through every kind of remote and a typed app', () => {
    expect(appearances(name).length).toBeGreaterThan(2)
    const found = service.findReferences(FILE, declared)?.flatMap(({ references }) => references)
    expect(lines(found)).toEqual(appearances(name))
  })

  it('renames its calls with the declaration', () => {
    expect(lines(service.findRenameLocations(FILE, declared, false, false, {}))).toEqual(appearances(name))
  })

  it('renames its declaration with a call', () => {
    expect(lines(service.findRenameLocations(FILE, called, false, false, {}))).toEqual(appearances(name))
  })

  it('jumps from a call to its declaration', () => {
    expect(lines(service.getDefinitionAtPosition(FILE, called))).toEqual([appearances(name)[0]])
  })
})
