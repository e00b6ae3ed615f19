/** Which exports and methods have a doc comment. */
import ts from 'typescript'
import type { Finding } from './measures'
import { lineOf, type Source } from './sources'

export function hasComment (node: ts.Node): boolean {
  return ts.getJSDocCommentsAndTags(node).some(comment => ts.isJSDoc(comment))
}

/** One name that a file exports. */
interface Exported {
  readonly name: string
  readonly node: ts.Node
  /** For a re-export: the file that the name comes from, and the name there. */
  readonly from?: { readonly file: string, readonly name: string }
}

type Known = ReadonlyMap<string, Source>

/** All exports counted, and those that have no comment, neither here nor where they are declared. */
export function undocumentedExports (
  sources: readonly Source[], known: readonly Source[]
): { exportCount: number, undocumented: Finding[] } {
  const files = new Map(known.map(source => [source.file, source]))
  const all = sources.flatMap(source => exportsOf(source).map(exported => ({ source, exported })))
  const undocumented = all.filter(({ exported }) => !isDocumented(exported, files))
  const findings = undocumented.map(({ source, exported }) => findingOf(source, exported))
  return { exportCount: all.length, undocumented: findings }
}

function findingOf ({ file, tree }: Source, { name, node }: Exported): Finding {
  return { at: `lib/${file}:${lineOf(tree, node.getStart())}`, size: 1, what: name }
}

function isDocumented ({ node, from }: Exported, files: Known): boolean {
  if (hasComment(node)) return true
  if (from === undefined) return false
  const target = files.get(from.file)
  return target !== undefined && isDeclaredWithComment(target, from.name, files)
}

function isDeclaredWithComment (source: Source, name: string, files: Known): boolean {
  const declared = declarationsOf(source.tree).filter(declaration => declaration.name === name)
  if (declared.length > 0) return declared.some(({ node }) => hasComment(node))
  // A name that stands for itself is declared in a way that is not known here.
  const passedOn = exportsOf(source).find(exported => exported.name === name && exported.from?.file !== source.file)
  return passedOn !== undefined && isDocumented(passedOn, files)
}

function exportsOf (source: Source): Exported[] {
  const declared = declarationsOf(source.tree).filter(({ node }) => isExported(node))
  // Of a function with several signatures one comment is enough.
  const withComment = new Set(declared.filter(({ node }) => hasComment(node)).map(({ name }) => name))
  const once = declared.filter(({ name, node }, index) => {
    if (withComment.has(name)) return hasComment(node)
    return declared.findIndex(other => other.name === name) === index
  })
  return [...once, ...source.tree.statements.flatMap(statement => reexportsOf(source, statement))]
}

function isExported (node: ts.Node): boolean {
  return hasModifier(node, ts.SyntaxKind.ExportKeyword)
}

function hasModifier (node: ts.Node, ...kinds: readonly ts.SyntaxKind[]): boolean {
  return ts.canHaveModifiers(node) && ts.getModifiers(node)?.some(({ kind }) => kinds.includes(kind)) === true
}

/** What a file declares at its top, by name. */
function declarationsOf (tree: ts.SourceFile): Exported[] {
  return tree.statements.flatMap((node): Exported[] => {
    if (ts.isVariableStatement(node)) {
      return node.declarationList.declarations.map(({ name }) => ({ name: name.getText(), node }))
    }
    const isNamed = ts.isFunctionDeclaration(node) || ts.isClassDeclaration(node) || ts.isInterfaceDeclaration(node) ||
      ts.isTypeAliasDeclaration(node) || ts.isEnumDeclaration(node)
    return isNamed ? [{ name: node.name?.text ?? 'default', node }] : []
  })
}

/** `export { a } from './b'`, and `export { a }` of what is declared or imported here. */
function reexportsOf (source: Source, node: ts.Statement): Exported[] {
  if (!ts.isExportDeclaration(node)) return []
  const { moduleSpecifier, exportClause } = node
  const elements = exportClause !== undefined && ts.isNamedExports(exportClause) ? [...exportClause.elements] : []
  return elements.flatMap((element): Exported[] => {
    const inner = (element.propertyName ?? element.name).text
    const from = moduleSpecifier === undefined ? originOf(source, inner) : fromModule(source, moduleSpecifier, inner)
    // What comes from a package has its comment there.
    if (from === undefined) return []
    // A comment above several names is about none of them.
    return [{ name: element.name.text, node: elements.length === 1 ? node : element, from }]
  })
}

function fromModule ({ imports }: Source, specifier: ts.Expression, name: string): Exported['from'] {
  const file = imports.find(one => ts.isStringLiteral(specifier) && one.specifier === specifier.text)?.file
  return file === undefined ? undefined : { file, name }
}

/** Where a name of this file comes from; undefined for what a package declares. */
function originOf (source: Source, name: string): Exported['from'] {
  for (const { importClause, moduleSpecifier } of source.tree.statements.filter(ts.isImportDeclaration)) {
    const bindings = importClause?.namedBindings
    const elements = bindings !== undefined && ts.isNamedImports(bindings) ? [...bindings.elements] : []
    const imported = elements.find(element => element.name.text === name)
    if (imported === undefined) continue
    return fromModule(source, moduleSpecifier, (imported.propertyName ?? imported.name).text)
  }
  return { file: source.file, name }
}

/** Methods of exported classes that others may call. */
export function publicMethodsOf (tree: ts.SourceFile): ts.MethodDeclaration[] {
  return tree.statements
    .filter((node): node is ts.ClassDeclaration => ts.isClassDeclaration(node) && isExported(node))
    .flatMap(({ members }) => members.filter(ts.isMethodDeclaration))
    .filter(method => method.body !== undefined && !isHidden(method))
}

function isHidden (method: ts.MethodDeclaration): boolean {
  const { PrivateKeyword, ProtectedKeyword } = ts.SyntaxKind
  return ts.isPrivateIdentifier(method.name) || hasModifier(method, PrivateKeyword, ProtectedKeyword)
}
