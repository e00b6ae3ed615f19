import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'

/** A piece of code that a page names in backquotes: a path, or `path:name`. */
export interface Reference {
  /** From the root of the repository; a folder or a file. */
  readonly path: string
  /** A function, method, class or constant that the file declares. */
  readonly name?: string
  /** The line of the page, counted from 1. */
  readonly line: number
}

const REFERENCE = /`((?:\.ci|bench|docs|lib|samples|test)(?:\/[\w.-]+)*\/?|[\w.-]+\.(?:json|js|cjs|mjs))(?::(\w+))?`/g

/** The files, folders and declarations that a page names, in its order. */
export function referencesIn (text: string): Reference[] {
  return text.split('\n').flatMap((content, index) => [...content.matchAll(REFERENCE)]
    .map(([, path = '', name]): Reference => ({ path, line: index + 1, ...name === undefined ? {} : { name } })))
}

/** The names that a file declares, at any depth: also methods, properties and parameters of constructors. */
export function declaredIn (file: string): Set<string> {
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true)
  const names = new Set<string>()
  const visit = (node: ts.Node): void => {
    if (isNamedDeclaration(node) && node.name !== undefined) names.add(node.name.getText(source))
    ts.forEachChild(node, visit)
  }
  visit(source)
  return names
}

type NamedDeclaration = ts.Node & { readonly name?: ts.Node }

function isNamedDeclaration (node: ts.Node): node is NamedDeclaration {
  return ts.isFunctionDeclaration(node) || ts.isClassDeclaration(node) || ts.isInterfaceDeclaration(node) ||
    ts.isTypeAliasDeclaration(node) || ts.isVariableDeclaration(node) || ts.isMethodDeclaration(node) ||
    ts.isMethodSignature(node) || ts.isPropertyDeclaration(node) || ts.isPropertySignature(node) ||
    ts.isGetAccessor(node) || ts.isPropertyAssignment(node) || ts.isParameterPropertyDeclaration(node, node.parent)
}

/** What is stale about the references of a page, each with where its name is declared now. */
export function staleReferences (root: string, page: string): string[] {
  return referencesIn(readFileSync(join(root, page), 'utf8')).flatMap(({ path, name, line }) => {
    const file = join(root, path)
    const isThere = existsSync(file)
    if (isThere && (name === undefined || declaredIn(file).has(name))) return []
    const what = isThere ? `${path} declares no '${name}'` : `there is no ${path}`
    return [`${page}:${line}: ${what}${hint(root, path, name)}`]
  })
}

/** Where a reader may look: files of the same name, and files that declare the same name. */
function hint (root: string, path: string, name: string | undefined): string {
  const files = readdirSync(join(root, 'lib'), { recursive: true, encoding: 'utf8' })
    .map(file => `lib/${file.replaceAll('\\', '/')}`).filter(file => file.endsWith('.ts') && !file.endsWith('.d.ts'))
  const [end = ''] = path.split('/').slice(-1)
  const others = files.filter(file => file !== path)
  const sameName = others.filter(file => file.endsWith(`/${end}`))
  const declaring = name === undefined ? [] : others.filter(file => declaredIn(join(root, file)).has(name))
  const found = [...new Set([...sameName, ...declaring])].slice(0, 6)
  return found.length === 0 ? '' : `; see ${found.join(', ')}`
}
