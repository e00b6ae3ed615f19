/** The files of lib/, parsed. */
import { readFileSync, readdirSync } from 'node:fs'
import { join, posix, sep } from 'node:path'
import ts from 'typescript'
import type { Graph } from './graph'

export interface Import {
  readonly specifier: string
  /** The file of lib/ that is imported; undefined for a package. */
  readonly file: string | undefined
  readonly line: number
}

export interface Source {
  /** Relative to lib/, with slashes. */
  readonly file: string
  readonly text: string
  readonly tree: ts.SourceFile
  readonly imports: readonly Import[]
}

export function lineOf (tree: ts.SourceFile, position: number): number {
  return tree.getLineAndCharacterOfPosition(position).line + 1
}

/** Calls `see` with a node and all below it. */
export function walk (node: ts.Node, see: (node: ts.Node) => void): void {
  see(node)
  ts.forEachChild(node, child => walk(child, see))
}

/** Reads all files of a folder; declarations of foreign packages are none of ours. */
export function readSources (folder: string): Source[] {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(file => file.endsWith('.ts') && !file.endsWith('.d.ts'))
    .map(file => file.split(sep).join('/'))
    .sort()
  return parseSources(new Map(files.map(file => [file, readFileSync(join(folder, file), 'utf8')])))
}

export function parseSources (texts: ReadonlyMap<string, string>): Source[] {
  return [...texts].map(([file, text]) => {
    const tree = ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, true)
    return { file, text, tree, imports: importsOf(tree, file, texts) }
  })
}

/** Every way to import, types included: statements, re-exports, `require`, `import('x')` as a value and as a type. */
function importsOf (tree: ts.SourceFile, file: string, files: { has (file: string): boolean }): Import[] {
  const found: Import[] = []
  walk(tree, node => {
    const specifier = specifierOf(node)
    if (specifier === undefined) return
    const target = specifier.startsWith('.') ? resolve(file, specifier, files) : undefined
    found.push({ specifier, file: target, line: lineOf(tree, node.getStart()) })
  })
  return found
}

function specifierOf (node: ts.Node): string | undefined {
  const name = moduleOf(node)
  return name !== undefined && ts.isStringLiteralLike(name) ? name.text : undefined
}

function moduleOf (node: ts.Node): ts.Node | undefined {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return node.moduleSpecifier
  if (ts.isExternalModuleReference(node)) return node.expression
  if (ts.isImportTypeNode(node)) return ts.isLiteralTypeNode(node.argument) ? node.argument.literal : undefined
  if (!ts.isCallExpression(node)) return undefined
  const { expression } = node
  const isImport = expression.kind === ts.SyntaxKind.ImportKeyword
  const isRequire = ts.isIdentifier(expression) && expression.text === 'require'
  return isImport || isRequire ? node.arguments[0] : undefined
}

/** A path that leads to no file is given as it stands, so that it belongs to no room. */
function resolve (file: string, specifier: string, files: { has (file: string): boolean }): string {
  const path = posix.join(posix.dirname(file), specifier).replace(/\.js$/, '')
  return [`${path}.ts`, `${path}/index.ts`].find(candidate => files.has(candidate)) ?? path
}

/** Which file imports which. */
export function fileGraph (sources: readonly Source[]): Graph {
  return new Map(sources.map(({ file, imports }) => {
    return [file, new Set(imports.flatMap(({ file: target }) => target ?? []))]
  }))
}
