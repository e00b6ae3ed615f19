import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { getMetadataStorage } from 'class-validator'
import ts from 'typescript'
import { CoteOptionRules, DistributionOptionRules, ModuleOptionRules } from '../../lib/module/option-rules'

const ROOT = join(__dirname, '../..')
const PAGE = readFileSync(join(ROOT, 'docs/options.md'), 'utf8')
const CALLS = readFileSync(join(ROOT, 'docs/calls.md'), 'utf8')

/** The names in the first cells of the tables of a section. */
function namesIn (page: string, section: string): string[] {
  const [, body = ''] = page.split(`\n## ${section}\n`)
  const rows = (body.split('\n## ')[0] ?? '').split('\n').filter(line => line.startsWith('| `'))
  return rows.flatMap(row => [...(row.split(' | ')[0] ?? '').matchAll(/`(\w+)`/g)].map(([, name = '']) => name)).sort()
}

/** The options of an interface: of its own, and of the one that it extends, but for those that it omits. */
function optionsOf (file: string, name: string): string[] {
  const source = ts.createSourceFile(file, readFileSync(join(ROOT, file), 'utf8'), ts.ScriptTarget.Latest, true)
  const find = (wanted: string): ts.InterfaceDeclaration | undefined => source.statements
    .filter(ts.isInterfaceDeclaration).find(node => node.name.text === wanted)
  const own = find(name)
  if (own === undefined) throw new Error(`${file} has no interface ${name}`)
  const members = own.members.map(member => member.name?.getText(source) ?? '')
  const [base] = own.heritageClauses?.[0]?.types ?? []
  const omitted = base?.getText(source) ?? ''
  const [, inherited = ''] = /^Omit<(\w+)/.exec(omitted) ?? []
  const others = inherited === '' ? [] : optionsOf(file, inherited).filter(option => !omitted.includes(`'${option}'`))
  return [...new Set([...others, ...members])].sort()
}

/** The options that are checked, by the rules that their classes hold. */
function rulesOf (rules: new () => object): string[] {
  const found = getMetadataStorage().getTargetValidationMetadatas(rules, '', false, false)
  return [...new Set(found.map(({ propertyName }) => propertyName))].sort()
}

const FOR_ROOT = namesIn(PAGE, 'DistributedModule.forRoot(options)')
/** What only forRoot has, as the page says in words. */
const NOT_OF_PLUGIN = [
  'app', 'container', 'validation', 'strictValidation', 'validateAtCaller', 'strictContracts', 'insecure'
]

describe('docs/options.md', () => {
  it('lists every option of forRoot and no other', () => {
    expect(FOR_ROOT).toEqual(optionsOf('lib/module/options.ts', 'DistributedModuleOptions'))
    expect(FOR_ROOT).toEqual(rulesOf(ModuleOptionRules))
  })

  it('lists every option of the plugin and marks those that the plugin lacks', () => {
    const plugin = [...FOR_ROOT.filter(name => !NOT_OF_PLUGIN.includes(name)),
      ...namesIn(PAGE, 'The plugin: distribution(options)')].sort()
    expect(plugin).toEqual(optionsOf('lib/module/options.ts', 'DistributionOptions'))
    expect(plugin).toEqual(rulesOf(DistributionOptionRules))
    const [, words = ''] = /takes the options above, except ([^.]+)\./.exec(PAGE) ?? []
    expect([...words.matchAll(/`(\w+)`/g)].map(([, name]) => name)).toEqual(NOT_OF_PLUGIN)
  })

  it('lists every option of cote and no other', () => {
    const documented = namesIn(PAGE, 'cote: { … }')
    expect(documented).toEqual(optionsOf('lib/transport/cote/cote-options.ts', 'CoteOptions'))
    expect(documented).toEqual(rulesOf(CoteOptionRules))
  })

  it.each([
    ['Distributed', 'DistributedOptions'], ['DistributedMethod', 'DistributedMethodOptions'],
    ['DistributedEvent', 'DistributedEventOptions']
  ])('lists every option of @%s', (decorator, options) => {
    const [row = ''] = PAGE.split('\n').filter(line => line.startsWith('| `@') && line.includes(`@${decorator}(options)`))
    const documented = [...(row.split(' | ')[1] ?? '').matchAll(/`(\w+)`/g)].map(([, name]) => name).sort()
    expect(documented).toEqual(optionsOf('lib/decorators/metadata.ts', options))
  })

  it('states the default of every cote option that has a fixed one', () => {
    const source = readFileSync(join(ROOT, 'lib/transport/cote/cote-options.ts'), 'utf8')
    const told = [...source.matchAll(/@default (\d{4,})/g)].map(([, number = '']) => number)
    expect(told.length).toBeGreaterThan(8)
    expect(told.filter(number => !PAGE.includes(`\`${number}\``))).toEqual([])
  })
})

describe('docs/calls.md', () => {
  it('lists every option of a call and no other', () => {
    expect(namesIn(CALLS, 'Options of a call')).toEqual(optionsOf('lib/remote/remote-service.ts', 'CallOptions'))
  })
})
