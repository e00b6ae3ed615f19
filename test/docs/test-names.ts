import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import ts from 'typescript'

const ROOT = join(__dirname, '../..')
/** What stands between the titles of a test's full name. */
const SEPARATOR = ' > '

/** A test that a page cites as `"describe > it" (\`test/file.test.ts\`)`; its path may be a link. */
export interface NamedTest {
  readonly name: string
  readonly file: string
}

/** One title on the way to a test, of a `describe` or of an `it`. */
export interface Title {
  /** The title as it is written, with the placeholders of its rows. */
  readonly text: string
  /** What it becomes, once for each row; a value that only a run knows matches anything. */
  readonly filled: readonly RegExp[]
}

/** The tests that a text cites; a name may be broken between two lines. */
export function namedTests (text: string): NamedTest[] {
  return [...text.matchAll(/"([^"]+)"\s+\(\[?`(test\/[^`]+)`/g)]
    .map(([, name = '', file = '']) => ({ name: name.replace(/\s+/g, ' '), file }))
}

/** Whether a test has exactly the cited name: that of its own title and of those around it, each row filled in. */
export function isTest ({ name, file }: NamedTest): boolean {
  const cited = name.split(SEPARATOR)
  return existsSync(join(ROOT, file)) && testTitles(file).some(titles =>
    titles.length === cited.length && titles.every(({ filled }, n) => filled.some(pattern => pattern.test(cited[n]))))
}

/** Pages cite many tests of one file. */
const read = new Map<string, Title[][]>()

/** The titles of each test of a file, from the outermost `describe` to its own. */
export function testTitles (file: string): Title[][] {
  const titles = read.get(file) ?? readTitles(file)
  read.set(file, titles)
  return titles
}

function readTitles (file: string): Title[][] {
  const source = sourceOf(file)
  const tests: Title[][] = []
  const visit = (node: ts.Node, around: readonly Title[]): void => {
    const kind = kindOf(node)
    if (kind === undefined) return ts.forEachChild(node, child => visit(child, around))
    const titles = [...around, titleOf(node as ts.CallExpression, source)]
    if (kind === 'describe') ts.forEachChild(node, child => visit(child, titles))
    else tests.push(titles)
  }
  visit(source, [])
  return tests
}

function sourceOf (file: string): ts.SourceFile {
  return ts.createSourceFile(file, readFileSync(join(ROOT, file), 'utf8'), ts.ScriptTarget.Latest, true)
}

/** A call like `it('title', …)`, `describe.each(…)('title', …)`, or one of a name like `describePage`. */
function kindOf (node: ts.Node): 'describe' | 'it' | undefined {
  if (!ts.isCallExpression(node) || node.arguments.length < 2) return undefined
  let root: ts.Expression = node.expression
  while (ts.isCallExpression(root) || ts.isPropertyAccessExpression(root)) root = root.expression
  const [, kind] = (ts.isIdentifier(root) && /^(describe|it)(?:[A-Z]\w*)?$/.exec(root.text)) || []
  return kind === 'describe' || kind === 'it' ? kind : undefined
}

function titleOf ({ expression, arguments: [title] }: ts.CallExpression, source: ts.SourceFile): Title {
  const text = textOf(title, source)
  if (!ts.isCallExpression(expression)) return { text, filled: [patternOf(text)] }
  const rows = rowsOf(expression.arguments[0], source) ?? [[]]
  return { text, filled: rows.map(row => patternOf(text, row)) }
}

/** A title as text; what only a run knows is `${…}` in it. */
function textOf (title: ts.Expression, source: ts.SourceFile): string {
  if (ts.isStringLiteralLike(title)) return title.text
  if (ts.isTemplateExpression(title)) {
    return title.head.text + title.templateSpans.map(({ literal }) => `\${…}${literal.text}`).join('')
  }
  const value = ts.isIdentifier(title) ? valueOf(title.text, source) : undefined
  return value?.value !== undefined && ts.isStringLiteralLike(value.value) ? value.value.text : '${…}'
}

const UNKNOWN = Symbol('known only to a run')

/** What jest makes of a title for one row, as far as the row is known. */
function patternOf (text: string, row?: readonly unknown[]): RegExp {
  const values = [...row ?? []]
  const placeholder = row === undefined ? /\$\{…\}/ : /\$\{…\}|\$\w+|%[sdijp#]/
  const source = text.split(new RegExp(`(${placeholder.source})`)).map((part, n) => {
    if (n % 2 === 0) return escaped(part)
    return /^%[^#]$/.test(part) ? sourceOfValue(part, values.length > 0 ? values.shift() : UNKNOWN) : '.+'
  })
  return new RegExp(`^${source.join('')}$`)
}

function sourceOfValue (placeholder: string, value: unknown): string {
  if (value === UNKNOWN) return '.+'
  return escaped(typeof value === 'string' && placeholder !== '%s' ? JSON.stringify(value) : String(value))
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')

/** The rows of an `each`; undefined where only a run knows them. */
function rowsOf (node: ts.Expression, source: ts.SourceFile): unknown[][] | undefined {
  if (ts.isAsExpression(node) || ts.isSatisfiesExpression(node) || ts.isParenthesizedExpression(node)) {
    return rowsOf(node.expression, source)
  }
  if (ts.isIdentifier(node)) {
    const found = valueOf(node.text, source)
    return found === undefined ? undefined : rowsOf(found.value, found.source)
  }
  if (ts.isCallExpression(node)) return rowsOfEntries(node, source)
  if (!ts.isArrayLiteralExpression(node)) return undefined
  return node.elements.flatMap(element => {
    if (ts.isSpreadElement(element)) return rowsOf(element.expression, source) ?? [[]]
    return [ts.isArrayLiteralExpression(element) ? element.elements.map(constantOf) : [constantOf(element)]]
  })
}

/** Those of `Object.entries(…)`. */
function rowsOfEntries (node: ts.CallExpression, source: ts.SourceFile): unknown[][] | undefined {
  const [object] = node.arguments
  if (node.expression.getText() !== 'Object.entries' || !ts.isIdentifier(object)) return undefined
  const value = valueOf(object.text, source)?.value
  if (value === undefined || !ts.isObjectLiteralExpression(value)) return undefined
  return value.properties.map(({ name }) =>
    [name !== undefined && (ts.isStringLiteralLike(name) || ts.isIdentifier(name)) ? name.text : UNKNOWN])
}

function constantOf (node: ts.Expression): unknown {
  if (ts.isStringLiteralLike(node)) return node.text
  if (ts.isNumericLiteral(node)) return Number(node.text)
  return UNKNOWN
}

/** The value of a constant, in the file itself or in one beside it that it imports. */
function valueOf (name: string, source: ts.SourceFile): { value: ts.Expression, source: ts.SourceFile } | undefined {
  let found: { value: ts.Expression, source: ts.SourceFile } | undefined
  const visit = (node: ts.Node): void => {
    if (ts.isVariableDeclaration(node) && node.initializer !== undefined && node.name.getText() === name) {
      found = { value: node.initializer, source }
    } else if (ts.isImportSpecifier(node) && node.name.text === name) {
      const { moduleSpecifier } = node.parent.parent.parent
      const imported = join(dirname(source.fileName), (moduleSpecifier as ts.StringLiteral).text) + '.ts'
      if (existsSync(join(ROOT, imported))) found = valueOf(name, sourceOf(imported))
    }
    ts.forEachChild(node, visit)
  }
  visit(source)
  return found
}
