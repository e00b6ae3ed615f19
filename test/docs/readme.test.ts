import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { checkBlocks, describeFault, documentsOf, extractBlocks, readBlocks, writeNamedBlocks } from './code-blocks'

const ROOT = join(__dirname, '../..')

/** The TypeScript compiler reads the library and its dependencies: seconds on a busy machine. */
const COMPILING = 120_000

const check = (markdown: string) => checkBlocks(ROOT, extractBlocks('DOC.md', markdown)).map(describeFault)

const fence = (language: string, ...lines: string[]) => ['```' + language, ...lines, '```', ''].join('\n')

describe('the documents', () => {
  it('include a README.md', () => {
    expect(documentsOf(ROOT)).toContain('README.md')
  })

  it('have no faulty code block', () => {
    const blocks = documentsOf(ROOT).flatMap(document => readBlocks(ROOT, document))
    expect(checkBlocks(ROOT, blocks).map(describeFault)).toEqual([])
  }, COMPILING)
})

describe('the extraction of code blocks', () => {
  it('finds every block with its language, line and file', () => {
    const program = fence('ts', '// server.ts', 'const a = 1')
    const markdown = ['# Title', '', program, fence('json title="x"', '{}'), 'end'].join('\n')
    expect(extractBlocks('DOC.md', markdown)).toEqual([
      { document: 'DOC.md', line: 4, language: 'ts', code: '// server.ts\nconst a = 1', file: 'server.ts' },
      { document: 'DOC.md', line: 9, language: 'json', code: '{}', file: undefined }
    ])
  })

  it('removes the indentation of list items and keeps shorter fences inside a block', () => {
    const markdown = ['- item', '', '  ````text', '  ```', '    inner', '', '  ```', '  ````'].join('\n')
    expect(extractBlocks('DOC.md', markdown).map(block => block.code)).toEqual(['```\n  inner\n\n```'])
  })

  it('throws when a block is never closed or stands in a quotation', () => {
    const extract = (...lines: string[]) => () => extractBlocks('DOC.md', lines.join('\n'))
    expect(extract('text', '```ts', 'const a = 1')).toThrow('DOC.md:2: this code block is never closed')
    expect(extract('> ```ts', '> ```')).toThrow('DOC.md:1: a code block in a quotation is checked by nobody')
  })

  it('recognizes only a file name in the first line as a file name', () => {
    const fileOf = (line: string) => extractBlocks('DOC.md', fence('ts', line))[0].file
    expect(['// a.ts', '// src/a-b.c.ts', '// m.mts: it'].map(fileOf)).toEqual(['a.ts', 'src/a-b.c.ts', 'm.mts'])
    expect(['// see a.ts', '// a.js', '// ../a.ts', '// a.tsx', 'a.ts'].filter(fileOf)).toEqual([])
  })

  it('writes the named blocks to a folder', () => {
    const folder = mkdtempSync(join(tmpdir(), 'blocks-'))
    try {
      const markdown = fence('ts', '// src/a.ts', 'export {}') + fence('ts', 'const unnamed = 1')
      const blocks = extractBlocks('DOC.md', markdown)
      const paths = writeNamedBlocks(blocks, folder)
      expect(paths.map(path => relative(folder, path))).toEqual([join('src', 'a.ts')])
      expect(readFileSync(paths[0], 'utf8')).toBe('// src/a.ts\nexport {}\n')
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})

describe('the check of code blocks', () => {
  it('accepts correct blocks', () => {
    expect(check([
      fence('ts', '// todo.ts', "import { Base } from './deep/base'", 'export class Todo extends Base<string> {}'),
      fence('ts', '// deep/base.ts', 'export class Base<T> { constructor (readonly value: T) {} }'),
      fence('ts', "import { Todo } from './todo'", "const length: number = new Todo('a').value.length"),
      fence('ts', '// main.mts', "import { Todo } from './todo.js'", "await Promise.resolve(new Todo('a'))"),
      fence('json', '{ "a": [1, 2] }'),
      fence('sh', 'npm install && npm start', 'npm test', 'npm run build # npm run nothing'),
      fence('text', 'npm run nothing')
    ].join('\n'))).toEqual([])
  }, COMPILING)

  it('reports each fault with its document and line', () => {
    const faults = check([
      fence('ts', '// todo.ts', 'export class Todo { id = 1 }'),
      fence('ts', "import { Todo } from './todo'", '', 'const id: string = new Todo().id'),
      fence('ts', "import { Todo } from './missing'", 'new Todo().id()'),
      fence('ts', "import { Todo } from './todo'", 'export const implicit = (x) => x'),
      fence('ts', 'const broken = ('),
      fence('ts', '// todo.ts', 'export {}'),
      fence('json', "{ 'a': 1 }"),
      fence('sh', 'npm test', 'npm run nothing && npm run nothing-else'),
      fence('', 'unknown'),
      fence('js', 'const a = 1')
    ].join(''))
    expect(faults).toEqual(expect.arrayContaining([
      expect.stringMatching(/^DOC\.md:8: TS2322: Type 'number' is not assignable to type 'string'/),
      expect.stringMatching(/^DOC\.md:11: TS2307: Cannot find module '\.\/missing'/),
      expect.stringMatching(/^DOC\.md:15: TS6133: 'Todo' is declared but its value is never read/),
      expect.stringMatching(/^DOC\.md:16: TS7006: Parameter 'x' implicitly has an 'any' type/),
      expect.stringMatching(/^DOC\.md:19: TS1109: Expression expected/),
      'DOC.md:22: a block before this one is todo.ts already',
      expect.stringMatching(/^DOC\.md:26: not JSON: /),
      "DOC.md:30: package.json has no script 'nothing'",
      "DOC.md:30: package.json has no script 'nothing-else'",
      'DOC.md:33: a block of no language is checked by nobody; known are ts, json, sh, text, yaml',
      "DOC.md:36: a block of the language 'js' is checked by nobody; known are ts, json, sh, text, yaml"
    ]))
    expect(faults).toHaveLength(11)
  }, COMPILING)

  it('compiles blocks against the types of this library', () => {
    const names = "import { Distributed, DistributedModul } from 'feathers-mesh'"
    const faults = check(fence('ts', names, '@Distributed(1)', 'export class A {}', 'DistributedModul.forRoot()'))
    expect(faults).toEqual([
      expect.stringMatching(/^DOC\.md:2: TS2724: .*no exported member named 'DistributedModul'.*'DistributedModule'/),
      expect.stringMatching(/^DOC\.md:3: TS2345: Argument of type 'number' is not assignable/)
    ])
  }, COMPILING)
})
