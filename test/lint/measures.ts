/** What can be counted about the code of a folder; docs/architecture.md tells why these figures. */
import ts from 'typescript'
import { cyclesOf } from './graph'
import { hasComment, publicMethodsOf, undocumentedExports } from './documented'
import { fileGraph, lineOf, walk, type Source } from './sources'

/** Something that is counted: its place, its size where it has one, and what it is. */
export interface Finding {
  readonly at: string
  readonly size: number
  readonly what: string
}

export interface Measures {
  readonly files: readonly Finding[]
  readonly codeLines: number
  readonly commentLines: number
  /** With a body; arrow functions only with a block. */
  readonly functions: readonly Finding[]
  readonly parameters: readonly number[]
  /** Casts to types; not `as const`, not renames in imports and exports. */
  readonly casts: readonly Finding[]
  readonly anys: readonly Finding[]
  readonly nonNulls: readonly Finding[]
  /** All exports, re-exports included. */
  readonly exportCount: number
  /** Those without a comment; a re-export has that of its declaration. */
  readonly undocumented: readonly Finding[]
  readonly publicMethods: number
  readonly undocumentedMethods: readonly Finding[]
  /** Of files, types included. */
  readonly cycles: readonly string[][]
  /** Files directly in each folder. */
  readonly folders: ReadonlyMap<string, number>
}

/** A file of so few lines says hardly more than its imports. */
export const SMALL_FILE_LINES = 16

/** @param known - where re-exports find what they name: the files themselves, unless these are a part of more */
export function measure (sources: readonly Source[], known = sources): Measures {
  const count = new Count()
  for (const source of sources) count.add(source)
  const { exportCount, undocumented } = undocumentedExports(sources, known)
  return { ...count, exportCount, undocumented, cycles: cyclesOf(fileGraph(sources)) }
}

class Count {
  readonly files: Finding[] = []
  codeLines = 0
  commentLines = 0
  readonly functions: Finding[] = []
  readonly parameters: number[] = []
  readonly casts: Finding[] = []
  readonly anys: Finding[] = []
  readonly nonNulls: Finding[] = []
  publicMethods = 0
  readonly undocumentedMethods: Finding[] = []
  readonly folders = new Map<string, number>()

  add (source: Source): void {
    const { file, text, tree } = source
    const folder = file.includes('/') ? file.slice(0, file.lastIndexOf('/')) : '.'
    this.folders.set(folder, (this.folders.get(folder) ?? 0) + 1)
    this.files.push({ at: `lib/${file}`, size: text.replace(/\n$/, '').split('\n').length, what: 'file' })
    const { code, comments } = linesOf(tree)
    this.codeLines += code
    this.commentLines += comments
    walk(tree, node => this.see(source, node))
    for (const method of publicMethodsOf(tree)) this.addMethod(source, method)
  }

  private see ({ file, tree }: Source, node: ts.Node): void {
    const first = lineOf(tree, node.getStart())
    const finding = (what: string): Finding => ({ at: `lib/${file}:${first}`, size: 1, what })
    if (hasBody(node)) {
      this.functions.push({ ...finding(nameOf(node)), size: lineOf(tree, node.end) - first + 1 })
      this.parameters.push(node.parameters.length)
    } else if (isCast(node)) this.casts.push(finding(`as ${node.type.getText()}`))
    else if (node.kind === ts.SyntaxKind.AnyKeyword) this.anys.push(finding('any'))
    else if (isNonNull(node)) this.nonNulls.push(finding(node.getText()))
  }

  private addMethod ({ file, tree }: Source, method: ts.MethodDeclaration): void {
    this.publicMethods++
    if (hasComment(method)) return
    const at = `lib/${file}:${lineOf(tree, method.getStart())}`
    this.undocumentedMethods.push({ at, size: 1, what: method.name.getText() })
  }
}

type WithBody = ts.FunctionLikeDeclaration & { readonly body: ts.Block }

function hasBody (node: ts.Node): node is WithBody {
  return ts.isFunctionLike(node) && 'body' in node && node.body !== undefined && ts.isBlock(node.body)
}

function nameOf (node: WithBody): string {
  if (ts.isConstructorDeclaration(node)) return 'constructor'
  return node.name?.getText() ?? 'a function without a name'
}

function isCast (node: ts.Node): node is ts.AsExpression | ts.TypeAssertion {
  return (ts.isAsExpression(node) || ts.isTypeAssertionExpression(node)) && !ts.isConstTypeReference(node.type)
}

/** `x!`, and a field that promises to be set by somebody. */
function isNonNull (node: ts.Node): boolean {
  if (ts.isNonNullExpression(node)) return true
  return (ts.isPropertyDeclaration(node) || ts.isVariableDeclaration(node)) && node.exclamationToken !== undefined
}

/** Lines with code, and lines with nothing but a comment. */
function linesOf (tree: ts.SourceFile): { code: number, comments: number } {
  const code = new Set<number>()
  addTokens(tree, tree, code)
  const lines = tree.text.split('\n')
  const comments = lines.filter((line, index) => line.trim() !== '' && !code.has(index + 1)).length
  return { code: code.size, comments }
}

/** The lines of all tokens below a node; comments of documentation are nodes as well, and don't count. */
function addTokens (tree: ts.SourceFile, node: ts.Node, lines: Set<number>): void {
  if (ts.isJSDoc(node) || node.kind === ts.SyntaxKind.EndOfFileToken) return
  const children = node.getChildren(tree)
  for (const child of children) addTokens(tree, child, lines)
  if (children.length > 0 || node.end === node.getStart(tree)) return
  for (let line = lineOf(tree, node.getStart(tree)); line <= lineOf(tree, node.end); line++) lines.add(line)
}

/** The value below which a share of the figures lies, the nearest one that there is. */
export function percentile (figures: readonly number[], share: number): number {
  const sorted = [...figures].sort((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0
}
