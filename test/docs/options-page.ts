import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { COMMON_OPTIONS } from '../../lib/options/common-options'
import { MODULE_OPTIONS } from '../../lib/options/module-options'
import { PLUGIN_OPTIONS } from '../../lib/options/plugin-options'
import { FLAG_WORDS } from '../../lib/option-table/kinds'
import type { Table } from '../../lib/option-table/option'
import { COTE_OPTIONS } from '../../lib/transport/cote/cote-options'
import { DURABLE_OPTIONS } from '../../lib/transport/nats/durable/durable-options'
import { NATS_OPTIONS } from '../../lib/transport/nats/options/nats-options'
import { docsOf, type OptionDoc } from './option-docs'

/** The page that is made here. */
export const PAGE = join(__dirname, '../../docs/options.md')

const COMMON_DOCS = docsOf('lib/options/common-options.ts', 'COMMON_OPTIONS')

/** Each table of options with the comments above its rows. */
export const TABLES = {
  common: { table: COMMON_OPTIONS, docs: COMMON_DOCS },
  module: {
    table: MODULE_OPTIONS,
    docs: new Map([...docsOf('lib/options/module-options.ts', 'MODULE_OPTIONS'), ...COMMON_DOCS])
  },
  plugin: {
    table: PLUGIN_OPTIONS,
    docs: new Map([...docsOf('lib/options/plugin-options.ts', 'PLUGIN_OPTIONS'), ...COMMON_DOCS])
  },
  cote: { table: COTE_OPTIONS, docs: docsOf('lib/transport/cote/cote-options.ts', 'COTE_OPTIONS') },
  nats: { table: NATS_OPTIONS, docs: docsOf('lib/transport/nats/options/nats-options.ts', 'NATS_OPTIONS') },
  durable: {
    table: DURABLE_OPTIONS, docs: docsOf('lib/transport/nats/durable/durable-options.ts', 'DURABLE_OPTIONS')
  }
} satisfies Record<string, { readonly table: Table, readonly docs: ReadonlyMap<string, OptionDoc> }>

/** Options of one table that are not in another one. */
function without (table: Table, other: Table): Table {
  return Object.fromEntries(Object.entries(table).filter(([name]) => !Object.hasOwn(other, name)))
}

/** The parts of the page that come from the tables, by the names that they have in its comments. */
function parts (): Record<string, string> {
  const { module, plugin, cote, nats, durable } = TABLES
  return {
    'options of forRoot': optionTable(module.table, module.docs),
    'options of the plugin': optionTable(without(plugin.table, COMMON_OPTIONS), plugin.docs),
    'options of cote': optionTable(cote.table, cote.docs),
    'options of nats': optionTable(nats.table, nats.docs),
    'options of durable events': optionTable(durable.table, durable.docs),
    variables: variableTable(),
    words: markdownTable(['true', 'false'], [[words(FLAG_WORDS.true), words(FLAG_WORDS.false)]])
  }
}

/** The page with its tables as they are to be. */
export function optionsPage (page = readFileSync(PAGE, 'utf8')): string {
  return Object.entries(parts()).reduce((text, [name, part]) => {
    const [start, end] = [`<!-- ${name} -->`, `<!-- end of ${name} -->`]
    const [before, rest] = text.split(start)
    const [, after] = (rest ?? '').split(end)
    if (before === undefined || after === undefined) throw new Error(`docs/options.md has no place for: ${name}`)
    return `${before}${start}\n${part}\n${end}${after}`
  }, page)
}

function optionTable (table: Table, docs: ReadonlyMap<string, OptionDoc>): string {
  const rows = Object.entries(table).map(([name, { variables }]) => {
    const { text, fallback = '' } = docs.get(name) ?? { text: '' }
    return [`\`${name}\``, text, inCode(fallback), variables.map(variable => `\`${variable.name}\``).join(', ')]
  })
  return markdownTable(['option', 'what it is', 'default', 'variable'], rows)
}

/** One row for each variable, with the options that it gives. */
function variableTable (): string {
  const options = new Map<string, string[]>()
  const gather = (table: Table, prefix: string): void => {
    for (const [option, { variables }] of Object.entries(table)) {
      for (const { name } of variables) options.set(name, [...options.get(name) ?? [], `\`${prefix}${option}\``])
    }
  }
  gather(MODULE_OPTIONS, '')
  gather(without(PLUGIN_OPTIONS, MODULE_OPTIONS), '')
  gather(COTE_OPTIONS, 'cote.')
  const isOurs = (name: string): boolean => name.startsWith('MESH_')
  const names = [...options.keys()].sort((a, b) => Number(isOurs(b)) - Number(isOurs(a)))
  return markdownTable(['variable', 'option'], names.map(name => [`\`${name}\``, options.get(name)?.join(', ') ?? '']))
}

function markdownTable (head: readonly string[], rows: ReadonlyArray<readonly string[]>): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(cell => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return ['', line(head), line(head.map(() => '---')), ...rows.map(line), ''].join('\n')
}

/** Values stand in code, words do not. */
function inCode (fallback: string): string {
  return fallback.replace(/(?<![\w`])'[^']*'|^(?:\d+|true|false)\b/g, '`$&`')
}

function words (list: readonly string[]): string {
  return list.map(word => `\`${word}\``).join(', ')
}
