import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import ts from 'typescript'
import { parseAllDocuments } from 'yaml'
import { compilerHost } from '../compiler-host'

/** One fenced block of a document. */
export interface CodeBlock {
  /** The document, relative to the root of the repository. */
  readonly document: string
  /** Line of the document that holds the first line of the code, counted from 1. */
  readonly line: number
  /** The first word after the fence; empty when there is none. */
  readonly language: string
  readonly code: string
  /** The file that a first line like `// todo-service.ts` makes of the block. */
  readonly file?: string
}

/** What is wrong with a block, where a reader of the document finds it. */
export interface Fault {
  readonly document: string
  readonly line: number
  readonly message: string
}

const FENCE = /^(\s*)(`{3,}|~{3,})\s*([^\s`]*)/
const QUOTED_FENCE = /^\s*>[\s>]*(`{3,}|~{3,})/
const FILE_NAME = /^\/\/ ([\w-]+(?:\/[\w-]+|\.[\w-]+)*\.m?ts)(?=$|[\s:,])/
const LANGUAGES = ['ts', 'json', 'sh', 'text', 'yaml']

/** README.md, CONTRIBUTING.md and the pages of docs/, as far as they exist. */
export function documentsOf (root: string): string[] {
  const pages = existsSync(join(root, 'docs')) ? readdirSync(join(root, 'docs')).sort() : []
  return ['README.md', 'CONTRIBUTING.md', ...pages.filter(name => name.endsWith('.md')).map(name => `docs/${name}`)]
    .filter(name => existsSync(join(root, name)))
}

export function readBlocks (root: string, document: string): CodeBlock[] {
  return extractBlocks(document, readFileSync(join(root, document), 'utf8'))
}

/**
 * All fenced blocks of a document.
 * What would escape the checks is an error: a fence that is never closed, or one in a quotation.
 */
export function extractBlocks (document: string, markdown: string): CodeBlock[] {
  const blocks: CodeBlock[] = []
  const lines = markdown.split(/\r?\n/)
  for (let at = 0; at < lines.length; at++) {
    const refuse = (why: string) => new Error(`${document}:${at + 1}: ${why}`)
    if (QUOTED_FENCE.test(lines[at])) throw refuse('a code block in a quotation is checked by nobody')
    const fence = FENCE.exec(lines[at])
    if (fence === null) continue
    const [, indent, marks, language] = fence
    const end = lines.findIndex((line, index) => index > at && closes(line, marks))
    if (end < 0) throw refuse('this code block is never closed')
    const code = lines.slice(at + 1, end).map(line => withoutIndent(line, indent.length)).join('\n')
    const file = language === 'ts' ? FILE_NAME.exec(code)?.[1] : undefined
    blocks.push({ document, line: at + 2, language, code, file })
    at = end
  }
  return blocks
}

function closes (line: string, marks: string): boolean {
  const trimmed = line.trim()
  return trimmed.length >= marks.length && trimmed === marks[0].repeat(trimmed.length)
}

/** A block in a list is indented with its item; the code itself is not. */
function withoutIndent (line: string, indent: number): string {
  return line.slice(Math.min(indent, line.length - line.trimStart().length))
}

/** Everything that is wrong with the blocks; the programs of all documents are compiled together. */
export function checkBlocks (root: string, blocks: readonly CodeBlock[]): Fault[] {
  return [
    ...checkLanguages(blocks),
    ...checkNames(blocks),
    ...checkPrograms(root, blocks),
    ...checkJson(blocks),
    ...checkYaml(blocks),
    ...checkCommands(root, blocks)
  ]
}

export function describeFault (fault: Fault): string {
  return `${fault.document}:${fault.line}: ${fault.message}`
}

function fault (block: CodeBlock, message: string, line = block.line): Fault {
  return { document: block.document, line, message }
}

function checkLanguages (blocks: readonly CodeBlock[]): Fault[] {
  return blocks.filter(block => !LANGUAGES.includes(block.language)).map(block => {
    const language = block.language === '' ? 'no language' : `the language '${block.language}'`
    return fault(block, `a block of ${language} is checked by nobody; known are ${LANGUAGES.join(', ')}`)
  })
}

function checkNames (blocks: readonly CodeBlock[]): Fault[] {
  return blocks
    .filter((block, index) => isSecond(block, blocks.slice(0, index)))
    .map(block => fault(block, `a block before this one is ${block.file} already`))
}

function isSecond (block: CodeBlock, earlier: readonly CodeBlock[]): boolean {
  const { document, file } = block
  return file !== undefined && earlier.some(other => other.document === document && other.file === file)
}

function checkJson (blocks: readonly CodeBlock[]): Fault[] {
  return blocks.filter(block => block.language === 'json').flatMap(block => {
    try {
      JSON.parse(block.code)
      return []
    } catch (error) {
      return [fault(block, `not JSON: ${(error as Error).message}`)]
    }
  })
}

/** Commands are not run, but the scripts that they name must exist. */
/** What the YAML means is for the tests of the pages that have it. */
function checkYaml (blocks: readonly CodeBlock[]): Fault[] {
  return blocks.filter(block => block.language === 'yaml').flatMap(block => {
    const errors = parseAllDocuments(block.code, { merge: true }).flatMap(document => document.errors)
    return errors.map(({ message }) => fault(block, `not YAML: ${message}`))
  })
}

function checkCommands (root: string, blocks: readonly CodeBlock[]): Fault[] {
  const manifest = readFileSync(join(root, 'package.json'), 'utf8')
  const { scripts } = JSON.parse(manifest) as { scripts: Record<string, string> }
  return blocks.filter(block => block.language === 'sh').flatMap(block =>
    block.code.split('\n').flatMap((line, index) => scriptsIn(line)
      .filter(script => !(script in scripts))
      .map(script => fault(block, `package.json has no script '${script}'`, block.line + index))))
}

function scriptsIn (line: string): string[] {
  const command = line.replace(/(^|\s)#.*$/, '')
  const named = /\bnpm (?:run|run-script) ([^\s;&|]+)|\bnpm (test|start)\b/g
  return [...command.matchAll(named)].map(match => match[1] ?? match[2])
}

/** Each document has a folder of its own, deep enough in the repository to find its node_modules. */
function pathOf (root: string, block: CodeBlock): string {
  const name = block.file ?? `block-at-line-${block.line}.ts`
  return posix.join(root.replaceAll('\\', '/'), '.build/docs', block.document, name)
}

/** The settings of the root tsconfig, with the few changes that a document needs. */
function compilerOptions (root: string): ts.CompilerOptions {
  const path = join(root, 'tsconfig.json')
  const { config, error } = ts.readConfigFile(path, ts.sys.readFile)
  if (error !== undefined) throw new Error(ts.flattenDiagnosticMessageText(error.messageText, '\n'))
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root, undefined, path)
  return {
    ...options,
    noEmit: true,
    // A block without imports would be a script, and its names those of every other such block.
    moduleDetection: ts.ModuleDetectionKind.Force
  }
}

function checkPrograms (root: string, blocks: readonly CodeBlock[]): Fault[] {
  const programs = blocks.filter((block, index) => !isSecond(block, blocks.slice(0, index)))
    .filter(block => block.language === 'ts')
  const sources = new Map(programs.map(block => [pathOf(root, block), block]))
  const program = ts.createProgram([...sources.keys()], compilerOptions(root), virtualHost(root, sources))
  return [...sources].flatMap(([path, block]) => {
    const source = program.getSourceFile(path)
    if (source === undefined) return [fault(block, 'TypeScript did not read this block')]
    return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)]
      .filter(diagnostic => !isUnusedName(diagnostic, source))
      .map(diagnostic => {
        const { line } = source.getLineAndCharacterOfPosition(diagnostic.start ?? 0)
        const message = ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n')
        return fault(block, `TS${diagnostic.code}: ${message}`, block.line + line)
      })
  })
}

const DECLARED_BUT_UNUSED = 6133

/** An example may end with `const todos = …`, but it imports nothing in vain. */
function isUnusedName ({ code, start = 0 }: ts.Diagnostic, source: ts.SourceFile): boolean {
  const inImport = source.statements.some(statement =>
    ts.isImportDeclaration(statement) && statement.getStart(source) <= start && start < statement.end)
  return code === DECLARED_BUT_UNUSED && !inImport
}

/** The file system with the blocks in it, which are on no disk. */
function virtualHost (root: string, sources: ReadonlyMap<string, CodeBlock>): ts.CompilerHost {
  const options = compilerOptions(root)
  const host = compilerHost(options)
  const folders = new Set([...sources.keys()].flatMap(ancestors))
  return {
    ...host,
    getCurrentDirectory: () => root,
    fileExists: path => sources.has(path) || host.fileExists(path),
    directoryExists: path => folders.has(path) || (host.directoryExists?.(path) ?? true),
    readFile: path => sources.get(path)?.code ?? host.readFile(path),
    getSourceFile: (path, target, onError, fresh) => {
      const block = sources.get(path)
      if (block === undefined) return host.getSourceFile(path, target, onError, fresh)
      return ts.createSourceFile(path, block.code, target, true)
    }
  }
}

function ancestors (path: string): string[] {
  const parent = posix.dirname(path)
  return parent === path ? [] : [parent, ...ancestors(parent)]
}

/** Writes the named blocks of a document to a folder, so that they can be run; returns their paths. */
export function writeNamedBlocks (blocks: readonly CodeBlock[], folder: string): string[] {
  return blocks.filter(block => block.file !== undefined).map(block => {
    const path = join(folder, block.file as string)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, `${block.code}\n`)
    return path
  })
}
