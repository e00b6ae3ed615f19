import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { DefaultedOption, type Option } from '../../lib/option-table/option'
import { variableNames } from '../../lib/option-table/known-variables'
import { docsOf } from './option-docs'
import { optionsPage, TABLES } from './options-page'

const ROOT = join(__dirname, '../..')
const PAGE = readFileSync(join(ROOT, 'docs/options.md'), 'utf8')
const CALLS = readFileSync(join(ROOT, 'docs/calls.md'), 'utf8')

/** The names in the first cells of the tables of a section. */
function namesIn (page: string, section: string): string[] {
  const [, body = ''] = page.split(`\n## ${section}\n`)
  const rows = (body.split('\n## ')[0] ?? '').split('\n').filter(line => line.startsWith('| `'))
  return rows.flatMap(row => [...(row.split(' | ')[0] ?? '').matchAll(/`(\w+)`/g)].map(([, name = '']) => name)).sort()
}

/** The members of an interface, without those that it inherits. */
function membersOf (file: string, name: string): string[] {
  const source = ts.createSourceFile(file, readFileSync(join(ROOT, file), 'utf8'), ts.ScriptTarget.Latest, true)
  const own = source.statements.filter(ts.isInterfaceDeclaration).find(node => node.name.text === name)
  if (own === undefined) throw new Error(`${file} has no interface ${name}`)
  return own.members.map(member => member.name?.getText(source) ?? '')
}

const FOR_ROOT = namesIn(PAGE, 'DistributedModule.forRoot(options)')
/** What only forRoot has, as the page says in words. */
const NOT_OF_PLUGIN = [
  'app', 'container', 'listeners', 'validation', 'strictValidation', 'validateAtCaller', 'strictContracts', 'insecure'
]

const sorted = (names: Iterable<string>): string[] => [...names].sort()

describe('docs/options.md', () => {
  it('equals the output of npm run docs:options', () => {
    expect(PAGE).toBe(optionsPage())
  })

  it('lists every option of forRoot and no other', () => {
    expect(FOR_ROOT).toEqual(sorted(Object.keys(TABLES.module.table)))
  })

  it('lists every option of the plugin and marks those that the plugin lacks', () => {
    const own = namesIn(PAGE, 'The plugin: distribution(options)')
    const plugin = sorted(new Set([...FOR_ROOT.filter(name => !NOT_OF_PLUGIN.includes(name)), ...own]))
    expect(plugin).toEqual(sorted(Object.keys(TABLES.plugin.table)))
    const [, words = ''] = /takes the options above, except ([^.]+)\./.exec(PAGE) ?? []
    expect([...words.matchAll(/`(\w+)`/g)].map(([, name]) => name)).toEqual(NOT_OF_PLUGIN)
  })

  it('lists every option of cote and no other', () => {
    const documented = namesIn(PAGE, 'cote: { … }')
    expect(documented).toContain('log')
    expect(documented).toEqual(sorted(Object.keys(TABLES.cote.table)))
  })

  it('lists every variable of an option', () => {
    const variables = [TABLES.module.table, TABLES.plugin.table].flatMap(variableNames)
    expect(variables).toEqual(expect.arrayContaining(['MESH_KEY', 'COTE_ENV', 'BASE_PORT', 'COTE_DELAY']))
    const [, section = ''] = PAGE.split('\n## Environment variables\n')
    expect(variables.filter(name => !section.includes(`| \`${name}\` |`))).toEqual([])
  })

  it.each([
    ['Distributed', membersOf('lib/decorators/metadata.ts', 'DistributedOptions')],
    ['DistributedMethod', [
      ...membersOf('lib/decorators/metadata.ts', 'DistributedMethodOptions'),
      ...membersOf('lib/contract/method-policy.ts', 'MethodPolicy')
    ]],
    ['DistributedEvent', membersOf('lib/decorators/metadata.ts', 'DistributedEventOptions')]
  ])('lists every option of @%s', (decorator, options) => {
    const lines = PAGE.split('\n').filter(line => line.startsWith('| `@'))
    const [row = ''] = lines.filter(line => line.includes(`@${decorator}(options)`))
    const documented = [...(row.split(' | ')[1] ?? '').matchAll(/`(\w+)`/g)].map(([, name]) => name).sort()
    expect(documented).toEqual(sorted(options))
  })
})

/** Every option with the comment above it, and how it is called in a list of cases. */
const ROWS = Object.values(TABLES).flatMap(({ table, docs }) =>
  Object.entries<Option<unknown>>(table).map(([name, option]) => ({ name, option, doc: docs.get(name) })))

describe('the comment above an option', () => {
  it.each(ROWS)('describes $name', ({ doc }) => {
    expect(doc?.text).toMatch(/^[A-Z].*\.$/)
  })

  it.each(ROWS.filter(({ option }) => option instanceof DefaultedOption && option.isFixed))(
    'states the default of $name', ({ option, doc }) => {
      const { fallback } = option as DefaultedOption<unknown>
      const { unit } = option.kind
      const value = typeof fallback === 'string' ? `'${fallback}'` : String(fallback)
      const literal = unit === undefined ? value : `${value} ${unit}`
      expect(doc?.fallback?.slice(0, literal.length)).toBe(literal)
      expect(doc?.fallback?.slice(literal.length)).toMatch(/^(,|$)/)
    })

  const withUnits = ROWS.filter(({ option }) => option.kind.unit !== undefined)

  it.each(withUnits)('states the unit of $name', ({ option, doc }) => {
    expect(`${doc?.text} ${doc?.fallback}`).toMatch(new RegExp(`\\b${option.kind.unit}\\b`))
  })

  it('is read from the sources, and a missing table is an error', () => {
    expect(() => docsOf('lib/transport/cote/cote-options.ts', 'NO_OPTIONS')).toThrow('has no table')
  })
})

describe('docs/calls.md', () => {
  it('lists every option of a call and no other', () => {
    const options = membersOf('lib/remote/call/call-options.ts', 'CallOptions')
    expect(namesIn(CALLS, 'Options of a call')).toEqual(sorted(options))
  })
})
