import { join } from 'node:path'
import { boundsOf, broken } from './bounds'
import { measure, percentile, type Measures } from './measures'
import { ROOT } from './rooms'
import { parseSources, readSources } from './sources'

const lib = measure(readSources(join(ROOT, 'lib')))

const measureTexts = (texts: Record<string, string>): Measures => measure(parseSources(new Map(Object.entries(texts))))

describe('the figures of lib', () => {
  it.each(boundsOf(lib))('stay within the bound $title', bounded => {
    const failure = broken([bounded]).map(({ figure, most, places }) => ({ figure, most, places }))
    expect(failure).toEqual([])
  })

  it('are all above zero, so that no bound holds for lack of data', () => {
    expect(lib.files.length).toBeGreaterThan(100)
    expect(lib.functions.length).toBeGreaterThan(500)
    expect(lib.exportCount).toBeGreaterThan(300)
    expect(lib.casts.length).toBeGreaterThan(0)
    expect(lib.publicMethods).toBeGreaterThan(100)
    expect(lib.codeLines).toBeGreaterThan(lib.commentLines)
  })
})

describe('measuring', () => {
  it('counts functions with a body, and arrow functions only with a block', () => {
    const { functions, parameters } = measureTexts({
      'a.ts': [
        'export function f (a: number, b: number): void {', '  g(a)', '  g(b)', '}',
        'declare function g (a: number): void',
        'const short = (a: number) => a', 'const long = (a: number) => {', '  return a', '}',
        'abstract class C {', '  constructor () {}', '  get x () { return 1 }', '  abstract y (): void',
        '  z () {}', '}'
      ].join('\n')
    })
    expect(functions.map(({ what, size }) => [what, size])).toEqual([
      ['f', 4], ['a function without a name', 3], ['constructor', 1], ['x', 1], ['z', 1]
    ])
    expect(parameters).toEqual([2, 1, 0, 0, 0])
  })

  it('counts casts to types, but neither `as const` nor names in imports and exports', () => {
    const { casts, anys, nonNulls } = measureTexts({
      'a.ts': [
        "import { a as b } from './b'", "export { a as c } from './b'", "import * as d from './b'",
        'const e = { b } as const', 'const f = e as unknown as string', 'const g = <number>d', 'const h: any = f!',
        'class I { j!: number }'
      ].join('\n'),
      'b.ts': ''
    })
    expect(casts.map(({ at, what }) => [at, what])).toEqual([
      ['lib/a.ts:5', 'as string'], ['lib/a.ts:5', 'as unknown'], ['lib/a.ts:6', 'as number']
    ])
    expect(anys.map(({ at }) => at)).toEqual(['lib/a.ts:7'])
    expect(nonNulls.map(({ at }) => at)).toEqual(['lib/a.ts:7', 'lib/a.ts:8'])
  })

  it('counts as lines of code those with more than comments and space', () => {
    const { codeLines, commentLines, files } = measureTexts({
      'a.ts': [
        '/** Of b. */', 'const b = 1 // one', '', '// And', '/* more */ const c = `', '', '`', '', 'function d () {',
        '  /** e */', '}', ''
      ].join('\n')
    })
    expect({ codeLines, commentLines, lines: files[0]?.size }).toEqual({ codeLines: 6, commentLines: 3, lines: 11 })
  })

  it('requires a comment for each export, wherever it is declared', () => {
    const { exportCount, undocumented } = measureTexts({
      'a.ts': [
        'export interface A {}', '/** b */', 'export type B = string', 'export const c = 1, d = 2', '/** e */',
        'class E {}', 'class F {}', 'export { E, F as G }', '@x', 'export class H {}', '/** i */',
        'export function i (): void',
        'export function i (a?: 1): void {}'
      ].join('\n'),
      'index.ts': [
        "import { A } from './a'", "export { B, type A as K, G } from './a'", 'export { A }', '/** c */',
        "export { c } from './a'", "export { join } from 'node:path'"
      ].join('\n')
    })
    expect(undocumented.map(({ at, what }) => `${at} ${what}`)).toEqual([
      'lib/a.ts:1 A', 'lib/a.ts:4 c', 'lib/a.ts:4 d', 'lib/a.ts:9 H', 'lib/a.ts:8 G',
      'lib/index.ts:2 K', 'lib/index.ts:2 G', 'lib/index.ts:3 A'
    ])
    expect(exportCount).toBe(13)
  })

  it.each([
    ['types', "import type { B } from './b'"],
    ['types that are named in place', "type B = import('./b').B"],
    ['types of a module', "type B = typeof import('./b')"],
    ['re-exports', "export { b } from './b'"],
    ['re-exports of all', "export * from './b'"],
    ['imports for their effect', "import './b'"],
    ['imports by require', "import b = require('./b')"],
    ['calls of require', "const b = require('./b')"],
    ['dynamic imports', "void import('./b')"],
    ['a file ending', "import './b.js'"]
  ])('finds a cycle that closes by %s', (_what, line) => {
    expect(measureTexts({ 'a.ts': line, 'b.ts': "import './c/d'", 'c/d.ts': "import '../a'" }).cycles).toEqual([
      ['a.ts', 'b.ts', 'c/d.ts']
    ])
  })

  it('finds no cycle when two paths lead to one file', () => {
    const { cycles } = measureTexts({ 'a.ts': "import './b'\nimport './c'", 'b.ts': "import './c'", 'c.ts': '' })
    expect(cycles).toEqual([])
  })

  it('fails each bound when it is exceeded', () => {
    const long = ['export function long () {', ...Array.from({ length: 30 }, () => '  long()'), '}'].join('\n')
    const files = Array.from({ length: 17 }, (_, n) => [`room/${n}.ts`, `import './${(n + 1) % 17}'\n`] as const)
    const bounds = boundsOf(measureTexts({
      ...Object.fromEntries(files), 'a.ts': `${long}\nconst a = b! as any\n`, 'b.ts': '\n'.repeat(301)
    }))
    expect(broken(bounds).map(({ title }) => title)).toEqual(bounds.map(({ title }) => title))
    expect(broken(bounds).every(({ places }) => places.length > 0)).toBe(true)
  })

  it('computes percentiles by the nearest rank', () => {
    const figures = [5, 1, 4, 2, 3, 6, 10, 9, 8, 7]
    expect([0, 0.5, 0.9, 0.99, 1].map(share => percentile(figures, share))).toEqual([1, 5, 9, 10, 10])
    expect(percentile([], 0.5)).toBe(0)
  })
})
