import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { testTitles } from '../docs/test-names'

const files = readdirSync(join(__dirname, '..'), { recursive: true, encoding: 'utf8' })
  .map(path => `test/${path.replaceAll('\\', '/')}`)
  .filter(path => path.endsWith('.test.ts'))

/** Longer than any line that a reader takes in at once. */
const MAX_LENGTH = 110

/** How fragments begin: the subject is in the `describe`, and the `it` says all that is true of it. */
const FRAGMENT = /^(that|which|who|whose|what|but|and|or|of|for|by|in|as|from|without|also|too)\b/

/** Turns that a reader stumbles over; CONTRIBUTING.md has the words to use instead. */
const AWKWARD = /\b(is told|are told|says so|say so|anew|by itself|by themselves|so many|whoever)\b/

/** The titles that match, each with its file. */
function found (matches: (title: string) => boolean, which: (titles: readonly string[]) => readonly string[]) {
  const odd = files.flatMap(file => testTitles(file)
    .flatMap(titles => which(titles.map(({ text }) => text)).filter(matches))
    .map(title => `${file}: ${title}`))
  return [...new Set(odd)]
}

const all = (titles: readonly string[]): readonly string[] => titles
const last = (titles: readonly string[]): readonly string[] => titles.slice(-1)

describe("the tests' names", () => {
  it('are found in every file', () => {
    expect(files.length).toBeGreaterThan(150)
    expect(files.filter(file => testTitles(file).length === 0)).toEqual([])
  })

  it('are different within a file', () => {
    const twice = files.flatMap(file => {
      const names = testTitles(file).map(titles => `${file}: ${titles.map(({ text }) => text).join(' > ')}`)
      return names.filter((name, n) => names.indexOf(name) < n)
    })
    expect(twice).toEqual([])
  })

  it('are neither empty nor longer than a line, and have no punctuation at their ends', () => {
    expect(found(title => title.length > MAX_LENGTH || !/^\S.*[^\s,.:;]$/.test(title), all)).toEqual([])
  })

  it('do not contain the separator of citations', () => {
    expect(found(title => title.includes(' > '), all)).toEqual([])
  })

  it('have a predicate in the innermost title', () => {
    expect(found(title => FRAGMENT.test(title), last)).toEqual([])
  })

  it('avoid awkward turns', () => {
    expect(found(title => AWKWARD.test(title), all)).toEqual([])
  })
})
