import { readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import type { ESLint } from 'eslint'
// Our configuration is an .eslintrc.json; the class that reads those is exported here only.
import { LegacyESLint } from 'eslint/use-at-your-own-risk'
import { parseConfigFileTextToJson } from 'typescript'
import { cyclesOfRooms, emptyPaths, homeless, stalePermissions, unknownRooms, violations } from './directions'
import { readHouse, ROOT, type House } from './rooms'
import { parseSources, readSources, type Source } from './sources'

const house = readHouse()
const lib = readSources(join(ROOT, 'lib'))

describe('rooms.json', () => {
  it('names only rooms that it defines, each once', () => {
    expect(unknownRooms(house)).toEqual([])
    const names = house.rooms.map(({ name }) => name)
    expect(names).toEqual([...new Set(names)])
    const paths = house.rooms.flatMap(room => room.paths)
    expect(paths).toEqual([...new Set(paths)])
  })

  it('has no cycle', () => {
    expect(cyclesOfRooms(house)).toEqual([])
  })

  it('lists each room after the rooms that it may import', () => {
    const order = house.rooms.map(({ name }) => name)
    const upward = house.rooms.flatMap(({ name, imports }) => {
      return imports.filter(other => order.indexOf(other) > order.indexOf(name)).map(other => `${name} -> ${other}`)
    })
    expect(upward).toEqual([])
  })

  it('describes each room in one sentence', () => {
    expect(house.rooms.filter(({ about }) => !/^\S.*[^.]\.$/.test(about) || about.length > 120)).toEqual([])
  })

  it('has a room for every file of lib, and a file in every room', () => {
    expect(homeless(lib, house)).toEqual([])
    expect(emptyPaths(lib, house)).toEqual([])
  })

  it('allows only directions that an import uses', () => {
    expect(stalePermissions(lib, house)).toEqual([])
  })
})

describe('imports of lib', () => {
  it('go in the directions that rooms.json allows, types included', () => {
    expect(violations(lib, house)).toEqual([])
  })
})

const SMALL: House = {
  builtins: ['node:util', 'node:timers/promises'],
  rooms: [
    { name: 'ground', paths: ['.'], about: 'Of all.', isOpen: true, imports: [], packages: [] },
    { name: 'low', paths: ['low'], about: 'Below.', imports: [], packages: ['cote', '@feathersjs/errors'] },
    { name: 'low/door', paths: ['low/door.ts'], about: 'The way in.', imports: ['low'], packages: [] },
    { name: 'high', paths: ['high', 'high/more'], about: 'Above.', imports: ['low'], packages: ['node:net'] }
  ]
}

const sourcesOf = (texts: Record<string, string>): Source[] => parseSources(new Map(Object.entries(texts)))

const FILES = { 'errors.ts': '', 'low/a.ts': '', 'low/door.ts': '', 'high/a.ts': '', 'high/more/b.ts': '' }

/** What is reported of one file that has these lines. */
const reported = (file: string, ...lines: string[]): string[] => {
  return violations(sourcesOf({ ...FILES, [file]: lines.join('\n') }), SMALL)
}

describe('the check of directions', () => {
  it.each([
    ['a value', "import { a } from '../high/a'"],
    ['a type', "import type { A } from '../high/a'"],
    ['a type named in place', "export type A = import('../high/a').A"],
    ['a re-export', "export { a } from '../high/a'"],
    ['a re-export of all', "export * from '../high/a'"],
    ['an import for its effect', "import '../high/a'"],
    ['an import by require', "import a = require('../high/a')"],
    ['a dynamic import', "export const a = import('../high/a')"],
    ['a file ending', "import '../high/a.js'"],
    ['a detour', "import '../low/../high/a'"],
    ['a folder below', "import '../high/more/b'"]
  ])('sees %s', (_what, line) => {
    expect(reported('low/a.ts', '', line)).toEqual([
      expect.stringMatching(/^lib\/low\/a\.ts:2 imports .*: low may not import high$/)
    ])
  })

  it('lets a room import its own files, those it may, and open rooms', () => {
    expect(reported('high/a.ts', "import './more/b'", "import '../low/a'", "import '../errors'")).toEqual([])
    expect(reported('high/more/b.ts', "import '../a'", "import '../../low/a'", "import '../../errors'")).toEqual([])
  })

  it('treats a listed file as a room of its own, separate from its folder', () => {
    expect(reported('low/door.ts', "import './a'")).toEqual([])
    expect(reported('low/a.ts', "import './door'")).toHaveLength(1)
    expect(reported('high/a.ts', "import '../low/door'")).toHaveLength(1)
  })

  it('lets an open room import only the rooms that it names', () => {
    expect(reported('errors.ts', "import './low/a'")).toHaveLength(1)
  })

  it('recognizes packages by name, and modules of Node.js one by one', () => {
    const known = ['cote/src/options-builder', '@feathersjs/errors', 'node:util', 'node:timers/promises']
    expect(reported('low/a.ts', ...known.map(name => `import '${name}'`))).toEqual([])
    expect(reported('high/a.ts', "import 'node:net'")).toEqual([])
    for (const name of ['node:net', 'node:timers', 'net', '@feathersjs/feathers', 'feathers-mesh', 'cotelette']) {
      const report = `lib/low/a.ts:1 imports ${name}: low may not know this package`
      expect(reported('low/a.ts', `import '${name}'`)).toEqual([report])
    }
  })

  it('reports a path that does not exist', () => {
    expect(reported('low/a.ts', "import './../../test/until'")).toHaveLength(1)
  })

  it('finds files without a room, rooms without a file, and unused permissions', () => {
    const sources = sourcesOf({ ...FILES, 'new/a.ts': '', 'low/deep/a.ts': '', 'high/a.ts': "import '../low/a'" })
    expect(homeless(sources, SMALL)).toEqual(['new/a.ts', 'low/deep/a.ts'])
    const few = sourcesOf({ 'low/door.ts': '', 'errors.ts': '', 'high/a.ts': '' })
    expect(emptyPaths(few, SMALL)).toEqual(['low', 'high/more'])
    expect(stalePermissions(sources, SMALL)).toEqual([
      'low -> cote', 'low -> @feathersjs/errors', 'low/door -> low', 'high -> node:net'
    ])
  })

  it('finds rooms that import each other, and unknown names of rooms', () => {
    const [ground, low, door, high] = SMALL.rooms
    const rooms = [ground, { ...low, imports: ['high', 'hihg'] }, door, high].flatMap(room => room ?? [])
    expect(cyclesOfRooms({ ...SMALL, rooms })).toEqual([['high', 'low']])
    expect(unknownRooms({ ...SMALL, rooms })).toEqual(['low -> hihg'])
  })
})

/** The rules of `.eslintrc.json`, without those that need types: small virtual sources lint in milliseconds. */
const eslint = new LegacyESLint({
  cwd: ROOT,
  useEslintrc: false,
  overrideConfig: {
    root: true,
    parser: '@typescript-eslint/parser',
    parserOptions: { ecmaVersion: 2022, sourceType: 'module' },
    plugins: ['@typescript-eslint'],
    extends: [join(ROOT, 'test/lint/direction-rules.cjs')]
  }
})

/** The lines that eslint reports of a file of lib. */
async function linesThatEslintReports (file: string, text: string): Promise<number[]> {
  const results: ESLint.LintResult[] = await eslint.lintText(text, { filePath: join(ROOT, 'lib', file) })
  // A text that does not parse would be "reported" as well, and prove nothing.
  expect(results.flatMap(({ messages }) => messages).filter(({ ruleId }) => ruleId === null)).toEqual([])
  return results.flatMap(({ messages }) => messages.map(({ line }) => line))
}

const PACKAGES = [
  ...new Set(house.rooms.flatMap(room => room.packages)), ...house.builtins,
  'net', 'express', 'feathers-mesh', 'cote/src/index'
]

/** A file in each room of lib, and the import of it that another file writes. */
const doors = house.rooms.flatMap(({ paths }) => paths)
  .map(path => path.endsWith('.ts') ? path : posix.join(path, 'thing.ts'))

function wayTo (target: string, from: string): string {
  const way = posix.relative(posix.dirname(from), target).replace(/\.ts$/, '')
  return way.startsWith('.') ? way : `./${way}`
}

describe('eslint', () => {
  it('extends the rules that come from rooms.json', () => {
    const { config } = parseConfigFileTextToJson('', readFileSync(join(ROOT, '.eslintrc.json'), 'utf8'))
    expect(config).toMatchObject({ extends: expect.arrayContaining(['./test/lint/direction-rules.cjs']) })
  })

  it.each(doors)('reports in lib/%s what the check reports', async file => {
    const lines = [...doors.filter(door => door !== file).map(door => wayTo(door, file)), ...PACKAGES]
      .flatMap((way, n) => [`import { a${n} } from '${way}'`, `export type { B${n} } from '${way}'`])
    const texts = new Map([...doors.map(door => [door, ''] as const), [file, lines.join('\n')]])
    const expected = violations(parseSources(texts), house).map(report => Number(/:(\d+) /.exec(report)?.[1]))
    expect(expected).not.toHaveLength(0)
    expect(await linesThatEslintReports(file, lines.join('\n'))).toEqual(expected)
  })

  it('says nothing about tests', async () => {
    const text = "import '../../lib/feathers/mesh'"
    expect(await linesThatEslintReports('../test/registry/registry.test.ts', text)).toEqual([])
  })
})
