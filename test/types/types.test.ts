import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'

const root = join(__dirname, '../..')
const rightFiles = ['right', 'results', 'mutual-remotes', 'renamed', 'typed-app'].map(name => join(__dirname, `${name}.ts`))
const wrongFile = join(__dirname, 'wrong/uses.ts')

interface Mistake {
  /** The line of the mistake, from 1. */
  readonly line: number
  readonly code: number
  readonly what: string
}

/** What the compiler finds wrong with some files under the options of this project. */
function compile (files: string[]): ts.Diagnostic[] {
  const config = ts.readConfigFile(join(root, 'tsconfig.json'), path => ts.sys.readFile(path))
  const own = { ...config.config as object, include: [], files }
  const { options, errors } = ts.parseJsonConfigFileContent(own, ts.sys, root)
  const program = ts.createProgram(files, options)
  const inFiles = files.map(file => program.getSourceFile(file))
    .flatMap(file => [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)])
  return [...errors, ...program.getOptionsDiagnostics(), ...inFiles]
}

interface Fault extends Mistake { readonly file?: string }

function toFault ({ file, start = 0, code, messageText }: ts.Diagnostic): Fault {
  const line = file === undefined ? 0 : file.getLineAndCharacterOfPosition(start).line + 1
  return { file: file?.fileName, line, code, what: ts.flattenDiagnosticMessageText(messageText, '\n') }
}

/** The mistakes that a file announces: `// TS2551 a misspelt method` is one in the line that follows. */
function announced (file: string): Mistake[] {
  return readFileSync(file, 'utf8').split('\n').flatMap((text, index) => {
    const found = /^\s*\/\/ TS(\d+) (.+)$/.exec(text)
    return found === null ? [] : [{ line: index + 2, code: Number(found[1]), what: found[2] }]
  })
}

const mistakes = announced(wrongFile)

jest.setTimeout(60_000)

describe('the types', () => {
  let found: Fault[]

  beforeAll(() => { found = compile([...rightFiles, wrongFile]).map(toFault) })

  it('accept every correct use and infer the expected types', () => {
    expect(found.filter(({ file }) => file !== wrongFile)).toEqual([])
  })

  it.each(mistakes)('reject $what (TS$code)', ({ line, code }) => {
    expect(found.filter(diagnostic => diagnostic.file === wrongFile && diagnostic.line === line))
      .toEqual([expect.objectContaining({ line, code })])
  })

  it('report no errors other than the announced mistakes', () => {
    const lines = new Set(mistakes.map(({ line }) => line))
    expect(found.filter(({ file, line }) => file === wrongFile && !lines.has(line))).toEqual([])
    expect(mistakes.length).toBeGreaterThan(30)
  })
})
