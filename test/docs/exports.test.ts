import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { documentsOf } from './code-blocks'

const ROOT = join(__dirname, '../..')

/** The names that an entry point exports. */
function exportsOf (file: string): string[] {
  const source = ts.createSourceFile(file, readFileSync(join(ROOT, file), 'utf8'), ts.ScriptTarget.Latest, true)
  return source.statements.filter(ts.isExportDeclaration).flatMap(({ exportClause }) => {
    if (exportClause === undefined || !ts.isNamedExports(exportClause)) throw new Error(`${file} exports all of a file`)
    return exportClause.elements.map(({ name }) => name.text)
  })
}

/** The names that a first cell of a table of docs/api.md has in backquotes, each with the other cells of its row. */
function explainedIn (page: string): Map<string, string> {
  const rows = readFileSync(join(ROOT, page), 'utf8').split('\n').filter(line => line.startsWith('| `'))
  return new Map(rows.flatMap(row => {
    const [names = '', explanation = ''] = row.split(' | ')
    return [...names.matchAll(/`(\w+)(?:<\w+>)?`/g)].map(([, name = '']): [string, string] => [name, explanation])
  }))
}

describe('the table of exports in docs/transports.md', () => {
  const explained = explainedIn('docs/transports.md')
  const exported = exportsOf('lib/transport/index.ts')

  it('explains each export of feathers-mesh/transport', () => {
    expect(exported).toEqual(expect.arrayContaining(['PeerSession', 'Transport']))
    expect(exported.filter(name => (explained.get(name) ?? '').split(' ').length < 3)).toEqual([])
  })

  it('names nothing else', () => {
    const rows = readFileSync(join(ROOT, 'docs/transports.md'), 'utf8').split('## All exports')[1]
    const named = [...(rows ?? '').matchAll(/^\| (`.*?`) \|/gm)]
      .flatMap(([, names = '']) => [...names.matchAll(/`(\w+)`/g)].map(([, name]) => name))
    expect(named.filter(name => name === undefined || !exported.includes(name))).toEqual([])
  })
})

describe('the documentation of the exports', () => {
  const explained = explainedIn('docs/api.md')
  const exported = ['lib/index.ts', 'lib/testing/index.ts'].flatMap(exportsOf)

  it('is compared with the names in the entry points', () => {
    expect(exported).toEqual(expect.arrayContaining(['Distributed', 'default', 'RemoteMethods', 'TestMesh']))
  })

  it('explains each exported name in docs/api.md', () => {
    expect(exported.filter(name => (explained.get(name) ?? '').split(' ').length < 3)).toEqual([])
  })

  it('lists no name in docs/api.md that is not exported', () => {
    // The members of DistributedModule have a table of their own.
    const members = ['start', 'stop', 'app', 'container', 'deadLetters']
    expect([...explained.keys()].filter(name => !exported.includes(name) && !members.includes(name))).toEqual([])
  })

  it('names the events and members that have no export of their own', () => {
    const text = documentsOf(ROOT).map(page => readFileSync(join(ROOT, page), 'utf8')).join('\n')
    const names = [
      "'gap'", 'mesh.services()', 'mesh.nodes()', 'mesh.counters()', 'mesh.app', 'error.faults', 'useValue'
    ]
    expect(names.filter(name => !text.includes(name))).toEqual([])
  })
})
