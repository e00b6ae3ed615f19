/** Messages that strangers may write in place of a value, each of about so many characters. */

type Entry = readonly unknown[] | Readonly<Record<string, unknown>>

/** Entries one after the other, as long together as asked for. */
function many (length: number, make: (index: number) => Entry): string {
  const entries: string[] = []
  for (let size = 0, index = 0; size < length; index++) {
    const text = JSON.stringify(make(index))
    // With the reference to it, in the list of all.
    size += text.length + String(index).length + 4
    entries.push(text)
  }
  return `[[1],["Array",${entries.map((_, index) => `[${index + 2}]`).join(',')}],${entries.join(',')}]`
}

/** One entry, as long as asked for. */
const one = (entry: Entry): string => JSON.stringify([[1], entry])

const repeated = (length: number, text: string): string => text.repeat(Math.ceil(length / text.length))
const numbered = <T>(many: number, make: (index: number) => T): T[] =>
  Array.from({ length: Math.ceil(many) }, (_, n) => make(n))

const name = (index: number): string => `k${index.toString(36)}`

/** Whole numbers that V8 hashes alike, as far as a table of that many looks. */
function colliding (many: number): number[] {
  const found: number[] = []
  for (let key = 1; found.length < many; key++) {
    let hash = (~key + (key << 15)) | 0
    hash ^= hash >>> 12
    hash = (hash + (hash << 2)) | 0
    hash ^= hash >>> 4
    hash = Math.imul(hash, 2057)
    if (((hash ^ (hash >>> 16)) & 4_095) === 0) found.push(key)
  }
  return found
}

const sameLowBits = (index: number): unknown => ['BigInt', `${(index + 1).toString(16)}0000000000000001`]

/** By the name of its row. */
export const MESSAGES: Readonly<Record<string, (length: number) => string>> = {
  'empty objects': length => many(length, () => ({})),
  'objects of a field that no other has': length => many(length, index => ({ [name(index)]: 0 })),
  'objects of a field named 1022': length => many(length, () => ({ 1022: ['NaN'] })),
  'one object of many fields': length => one(Object.fromEntries(numbered(length / 12, n => [name(n), ['NaN']]))),
  'one object of far numbers': length => one(Object.fromEntries(numbered(length / 20, n => [n * 1_023, ['NaN']]))),
  'empty lists': length => many(length, () => ['Array']),
  'objects of an undefined field': length => many(length, () => ({ a: ['undefined'] })),
  'objects of a field named __proto__': length => many(length, () => JSON.parse('{"__proto__":["NaN"]}') as Entry),
  'one object of near numbers': length => one(Object.fromEntries(numbered(length / 15, n => [n * 3, ['NaN']]))),
  'numbers that are none': length => one(['Array', ...numbered(length / 8, () => ['NaN'])]),
  'short BigInts': length => one(['Array', ...numbered(length / 15, () => ['BigInt', 'f'])]),
  'a Map of numbers': length => one(['Map', ...numbered(length / 8, n => [n, 0]).flat()]),
  'a Set of texts': length => one(['Set', ...numbered(length / 9, name)]),
  'a Set of fractions': length => one(['Set', ...numbered(length / 9, n => n / 8)]),
  'Maps of one item': length => many(length, () => ['Map', 0, 0]),
  'references to one object': length => `[[1],["Array",${Array(Math.ceil(length / 4)).fill('[1]').join(',')}]]`,
  'empty Maps': length => many(length, () => ['Map']),
  'empty Sets': length => many(length, () => ['Set']),
  'a Set of BigInts with the same low bits': length => one(['Set', ...numbered(length / 36, sameLowBits)]),
  'a Map of such BigInts': length => one(['Map', ...numbered(length / 38, n => [sameLowBits(n), 0]).flat()]),
  'a Set of chosen numbers': length => one(['Set', ...colliding(Math.min(length / 9, 30_000))]),
  'many Sets of a few chosen numbers': length => many(length, () => ['Set', ...colliding(250)]),
  'a BigInt of many digits': length => JSON.stringify([['BigInt', repeated(length, 'f')]]),
  Dates: length => many(length, () => ['Date', 1]),
  'short RegExps': length => many(length, index => ['RegExp', name(index), '']),
  'a RegExp of classes, u': length => one(['RegExp', repeated(length, '\\p{L}'), 'u']),
  'RegExps of one class each, u': length => many(length, index => ['RegExp', `\\p{L}${index}`, 'u']),
  'a RegExp of sets of texts, iv': length => one(['RegExp', repeated(length, '\\p{RGI_Emoji}'), 'iv']),
  'a RegExp of wide ranges, iv': length => one(['RegExp', repeated(length, '[!-\u{1f600}]'), 'iv']),
  'a RegExp of letters, iu': length => one(['RegExp', repeated(length, 'a'), 'iu']),
  'a RegExp of named groups': length => one(['RegExp', numbered(length / 10, n => `(?<${name(n)}>)`).join(''), '']),
  'a RegExp of references out of groups': length =>
    one(['RegExp', `${'('.repeat(2_000)}${repeated(length, '\\9')}${')'.repeat(2_000)}`, '']),
  'short URLs': length => many(length, () => ['URL', 'http://a/']),
  'a URL of another script': length => one(['URL', `http://${repeated(length, '漢字')}`]),
  'a URL of punycode': length => one(['URL', `http://xn--${repeated(length / 2, 'a')}-${repeated(length / 2, 'a')}`]),
  'a URL of a path with dots': length => one(['URL', `http://a/${repeated(length / 2, 'a/')}${repeated(length / 2, '../')}`]),
  'short parameters': length => many(length, () => ['URLSearchParams', 'a']),
  'one long text of parameters': length => one(['URLSearchParams', repeated(length, 'a&')]),
  'parameters of spaces': length => one(['URLSearchParams', repeated(length, '+')]),
  'a RegExp of letters': length => one(['RegExp', repeated(length, 'a'), '']),
  'a RegExp of groups': length => one(['RegExp', repeated(length, '(a)'), '']),
  'short errors': length => many(length, () => ['Error', [], {}, {}]),
  'errors with a stack': length => many(length, () => ['Error', ['TypeError'], { stack: '' }, {}]),
  'errors of a field that no other has': length => many(length, index => ['Error', [], {}, { [name(index)]: 0 }]),
  'errors of a field named 1022': length => many(length, () => ['Error', [], {}, { 1022: 0 }]),
  DOMExceptions: length => many(length, () => ['DOMException', '', '']),
  'Buffers of a byte': length => many(length, () => ['Buffer', 'AA']),
  'typed arrays of a byte': length => many(length, () => ['Int8Array', 'AA']),
  'memory of a byte': length => many(length, () => ['ArrayBuffer', 'AA']),
  'views of a byte': length => many(length, () => ['DataView', 'AA']),
  'lists of 65 bytes': length => many(length, () => ['Int8Array', 'A'.repeat(89)]),
  'a Buffer': length => one(['Buffer', repeated(length, 'AAAA')]),
  'short lists of holes': length => many(length, () => ['Sparse', 65]),
  'a list with a hole': length => one(['Sparse', length, ...numbered(length / 9, n => [n + 1, 0]).flat()]),
  'lists of holes': length => many(length, () => ['Sparse', 1_000]),
  'a list of eight million holes': () => one(['Sparse', 2 ** 23]),
  'such a list with far items': length => one(['Sparse', 2 ** 23, ...numbered(length / 10, n => [n * 80, 0]).flat()])
}
