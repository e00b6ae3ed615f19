import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { ESLint, Linter } from 'eslint'
// Our configuration is an .eslintrc.json; the class that reads those is exported here only.
import { LegacyESLint } from 'eslint/use-at-your-own-risk'
import { parseConfigFileTextToJson } from 'typescript'

const ROOT = join(__dirname, '../..')
const RULES = ['no-restricted-imports', '@typescript-eslint/no-restricted-imports']

interface RcOverride {
  files: string[]
  rules: Partial<Linter.RulesRecord>
}

const rc = readFileSync(join(ROOT, '.eslintrc.json'), 'utf8')
// The file has comments, as eslint and TypeScript allow in their JSON.
const { overrides: all } = parseConfigFileTextToJson('.eslintrc.json', rc).config as { overrides: RcOverride[] }

/** The rules of direction alone, without type information: small virtual sources lint in milliseconds. */
const overrides = all
  .map(({ files, rules }) => ({
    files,
    rules: Object.fromEntries(Object.entries(rules).filter(([name]) => RULES.includes(name)))
  }))
  .filter(({ rules }) => Object.keys(rules).length > 0)

const eslint = new LegacyESLint({
  cwd: ROOT,
  useEslintrc: false,
  overrideConfig: {
    root: true,
    parser: '@typescript-eslint/parser',
    parserOptions: { ecmaVersion: 2022, sourceType: 'module' },
    plugins: ['@typescript-eslint'],
    overrides
  }
})

async function lint (file: string, source: string): Promise<string[]> {
  const results: ESLint.LintResult[] = await eslint.lintText(source, { filePath: join(ROOT, file) })
  return results.flatMap(result => result.messages).map(message => message.ruleId ?? message.message)
}

async function reports (file: string, source: string): Promise<boolean> {
  const found = await lint(file, source)
  // A source that does not parse would be "reported" as well, and prove nothing.
  expect(RULES).toEqual(expect.arrayContaining(found))
  return found.length > 0
}

const value = (from: string) => `import { x } from '${from}'\nx()\n`
const type = (from: string) => `import type { X } from '${from}'\nexport type Y = X\n`

/** For each room, by file: what it may import, and what it may not. */
const DIRECTIONS: Record<string, { may: string[], mayNot: string[] }> = {
  'lib/errors.ts': {
    may: ['@feathersjs/errors'],
    mayNot: ['./contract/contract', './registry/registry', './index', '.', 'tsyringe', 'net']
  },
  'lib/index.ts': {
    may: ['reflect-metadata', './decorators/distributed', './module/distributed-module', './errors'],
    mayNot: ['tsyringe', 'cote', 'node:net', 'feathers-mesh']
  },
  'lib/decorators/distributed.ts': {
    may: ['./metadata', '../errors', 'tsyringe'],
    mayNot: [
      '../contract/contract', '../registry/registry', '../remote/remote', '../transport/transport',
      '../feathers/plugin', '../module/options', '../index', '..', 'reflect-metadata', 'cote', 'net'
    ]
  },
  'lib/decorators/metadata.ts': {
    may: ['reflect-metadata', '../errors'],
    mayNot: ['../contract/contract', '../index', 'cote', 'dgram']
  },
  'lib/contract/from-class.ts': {
    may: ['./contract', '../decorators/metadata', '../errors', 'class-validator', '@feathersjs/feathers'],
    mayNot: [
      '../registry/registry', '../remote/remote', '../transport/transport', '../feathers/plugin',
      '../module/options', '../index', 'tsyringe', 'reflect-metadata', 'cote', 'node:dgram'
    ]
  },
  'lib/registry/registry.ts': {
    may: ['./changes', '../contract/contract', '../contract/from-class', '../errors', 'events'],
    mayNot: [
      '../decorators/metadata', '../remote/remote', '../transport/transport', '../feathers/plugin',
      '../module/options', '../index', 'tsyringe', 'reflect-metadata', 'cote', 'net'
    ]
  },
  'lib/remote/proxy.ts': {
    may: [
      './token', '../registry/registry', '../contract/contract', '../decorators/metadata', '../transport/transport',
      '../transport/message', '../errors'
    ],
    mayNot: [
      '../feathers/plugin', '../module/options', '../transport/cote', '../transport/cote/cote-transport',
      '../transport/memory/memory-transport', '../index', 'tsyringe', 'reflect-metadata', 'cote', 'net'
    ]
  },
  'lib/remote/token.ts': {
    may: ['tsyringe', '../decorators/metadata'],
    mayNot: ['../feathers/plugin', '../module/options', 'reflect-metadata', 'cote']
  },
  'lib/transport/transport.ts': {
    may: ['./message', '../contract/contract', '../errors', '@feathersjs/errors', 'node:events'],
    mayNot: [
      '../contract/from-class', '../contract', '../decorators/metadata', '../registry/registry', '../remote/proxy',
      '../feathers/plugin', '../module/options', '../index', './cote/cote-transport', './memory/memory-transport',
      '@feathersjs/feathers', '@feathersjs/express', 'tsyringe', 'reflect-metadata', 'cote', 'node:net', 'tls'
    ]
  },
  'lib/transport/cote/responder.ts': {
    may: [
      './frames', '../transport', '../message', '../../contract/contract', '../../errors', '@feathersjs/errors',
      'cote', '@dashersw/axon', 'net', 'node:net', 'dgram', 'node:dgram', 'tls'
    ],
    mayNot: [
      '../memory/memory-transport', '../../contract/from-class', '../../decorators/metadata', '../../registry/registry',
      '../../remote/proxy', '../../feathers/plugin', '../../module/options', '../../index', '../..',
      '@feathersjs/feathers', 'tsyringe', 'reflect-metadata'
    ]
  },
  'lib/transport/memory/memory-transport.ts': {
    may: ['../transport', '../../contract/contract', '../../errors'],
    mayNot: ['../cote/cote-transport', '../../registry/registry', '../../index', 'cote', 'net', '@feathersjs/feathers']
  },
  'lib/feathers/plugin.ts': {
    may: [
      './hooks', '../remote/proxy', '../registry/registry', '../contract/contract', '../transport/transport',
      '../errors', '@feathersjs/feathers'
    ],
    mayNot: [
      '../module/options', '../decorators/metadata', '../transport/cote/cote-transport',
      '../transport/memory/memory-transport', '../index', 'tsyringe', 'reflect-metadata', 'cote', 'dgram'
    ]
  },
  'lib/module/distributed-module.ts': {
    may: [
      './options', '../feathers/plugin', '../remote/proxy', '../registry/registry', '../contract/contract',
      '../decorators/metadata', '../transport/transport', '../transport/cote/cote-transport',
      '../transport/memory/memory-transport', '../errors', 'tsyringe', 'class-validator', '@feathersjs/feathers'
    ],
    mayNot: ['../index', '..', 'feathers-mesh', 'reflect-metadata', 'cote', 'net']
  },
  // Above all others: it puts whole nodes together.
  'lib/testing/test-mesh.ts': {
    may: [
      '../module/options', '../transport/memory/memory-network', '../contract/contract', '../errors', 'node:assert'
    ],
    mayNot: ['../index', '..', 'tsyringe', 'reflect-metadata', 'cote', 'node:net']
  }
}

/** Those of the paths that are reported when the file imports them. */
async function refused (file: string, paths: string[]): Promise<string[]> {
  const verdicts = await Promise.all(paths.map(from => reports(file, value(from))))
  return paths.filter((_from, index) => verdicts[index])
}

describe('the check of import directions in lib', () => {
  it.each(Object.entries(DIRECTIONS))('keeps %s within its allowed directions', async (file, { may, mayNot }) => {
    expect(await refused(file, may)).toEqual([])
    expect(await refused(file, mayNot)).toEqual(mayNot)
  })

  it('detects a forbidden import through an indirection', async () => {
    const files = Object.keys(DIRECTIONS).filter(file => file !== 'lib/index.ts')
    for (const file of files) expect(await refused(file, ['./deeper/../x'])).toHaveLength(1)
  })

  it('allows transports to import types of Feathers but no values', async () => {
    expect(await reports('lib/transport/transport.ts', type('@feathersjs/feathers'))).toBe(false)
    expect(await reports('lib/transport/cote/responder.ts', type('@feathersjs/feathers'))).toBe(false)
    expect(await reports('lib/transport/transport.ts', value('@feathersjs/feathers'))).toBe(true)
  })

  it.each([
    ['an import of a type', type('../feathers/plugin')],
    ['a re-export', "export { x } from '../feathers/plugin'\n"],
    ['a re-export of everything', "export * from '../feathers/plugin'\n"],
    ['an import for its side effects', "import '../feathers/plugin'\n"],
    ['an import by require', "import x = require('../feathers/plugin')\nx()\n"],
    ['a path with a leading dot', value('./../feathers/plugin')],
    ['a path with a file extension', value('../feathers/plugin.js')]
  ])('detects %s', async (_what, source) => {
    expect(await reports('lib/registry/registry.ts', source)).toBe(true)
  })

  it('applies to nested folders', async () => {
    expect(await reports('lib/registry/deeper/registry.ts', value('../../feathers/plugin'))).toBe(true)
    expect(await reports('lib/registry/deeper/registry.ts', value('../../contract/contract'))).toBe(false)
  })

  it('does not apply to tests', async () => {
    expect(await reports('test/registry/registry.test.ts', value('../../lib/feathers/plugin'))).toBe(false)
    expect(await reports('test/transport/cote.test.ts', value('node:net'))).toBe(false)
  })

  it('covers every folder of lib', () => {
    const rooms = readdirSync(join(ROOT, 'lib'), { withFileTypes: true }).filter(entry => entry.isDirectory())
    const known = Object.keys(DIRECTIONS).map(file => file.split('/')[1])
    expect(known).toEqual(expect.arrayContaining(rooms.map(room => room.name)))
  })
})
