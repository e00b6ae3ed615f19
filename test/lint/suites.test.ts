import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join, posix } from 'node:path'
import { isWell, planOf, readArguments, suiteOf, testFiles, type Plan } from '../run'
import { build, heavy, slowest } from '../suites'
import { ROOT } from './rooms'

const TEST = join(ROOT, 'test')

/** What starts programs of the build: who imports it needs the build. */
const STARTERS = ['process.ts', 'samples/sample-process.ts']

const textOf = (file: string): string => readFileSync(join(TEST, file), 'utf8')

/** All that a file imports from test/, directly or by way of others. */
function importedBy (file: string, seen = new Set<string>()): Set<string> {
  for (const [, way = ''] of textOf(file).matchAll(/from '(\.[^']+)'/g)) {
    const path = `${posix.join(posix.dirname(file), way)}.ts`
    if (path.startsWith('..') || seen.has(path) || !/\/?[\w.-]+\.ts$/.test(path)) continue
    try {
      importedBy(path, seen.add(path))
    } catch {
      // Something that is no source of TypeScript.
      seen.delete(path)
    }
  }
  return seen
}

/** Whether a file starts programs of the build; what its words are about is seen by those who read it. */
const needsBuild = (file: string): boolean => STARTERS.some(starter => importedBy(file).has(starter))

describe('the suites', () => {
  const files = testFiles()

  it('run all test files that start built programs after the build', () => {
    expect(files.filter(file => needsBuild(file) && suiteOf(file) === 'unit')).toEqual([])
  })

  it('have only patterns that match a file', () => {
    const unused = [...build, ...heavy].filter(pattern => !files.some(file => new RegExp(pattern).test(file)))
    expect(unused).toEqual([])
  })

  it('start slow files first that all exist', () => {
    expect(slowest.filter(name => !files.includes(`${name}.test.ts`))).toEqual([])
  })
})

/** The files that a run of jest with these arguments takes. */
function filesOf (args: readonly string[], files: readonly string[]): string[] {
  const end = args.indexOf('--')
  const ignored = args.slice(args.indexOf('--testPathIgnorePatterns') + 1, end)
  const isMatched = (file: string, patterns: readonly string[]): boolean => {
    return patterns.some(pattern => new RegExp(pattern, 'i').test(join(TEST, file)))
  }
  const only = args.slice(end + 1)
  const hasIgnored = args.includes('--testPathIgnorePatterns')
  return files.filter(file => {
    return (only.length === 0 || isMatched(file, only)) && !(hasIgnored && isMatched(file, ignored))
  })
}

const FILES = [
  'remote/remotes.test.ts', 'remote/call/call.test.ts', 'feathers/showing/remote-services.test.ts',
  'transport/cote/hostile.test.ts', 'transport/cote/cote.test.ts', 'interop/calls.test.ts', 'interop/other.test.ts'
]

const planned = (...args: string[]): Plan & { readonly files: string[][] } => {
  const plan = planOf(readArguments(args), FILES)
  return { ...plan, files: plan.runs.map(run => filesOf(run, FILES)) }
}

describe('npm test', () => {
  it('runs all files after the build, and the heavy ones last, one for each core at a time', () => {
    const { isBuilt, files, runs, leftOut } = planned()
    expect(isBuilt).toBe(true)
    expect(files).toEqual([FILES.filter(file => file !== 'interop/calls.test.ts'), ['interop/calls.test.ts']])
    const workers = runs.map(run => run.filter(word => word.startsWith('--maxWorkers=')))
    expect(workers).toEqual([[], [`--maxWorkers=${availableParallelism()}`]])
    expect(leftOut).toEqual([])
  })

  it('runs every test file of the project exactly once', () => {
    const files = testFiles()
    const taken = planOf(readArguments([])).runs.flatMap(run => filesOf(run, files))
    expect(taken.sort()).toEqual(files.sort())
  })

  it.each([
    'remote', 'test/remote', './test/remote/', 'lib/remote'
  ])('runs the unit tests of a room for the word %s', word => {
    const { isBuilt, files } = planned(word)
    expect(isBuilt).toBe(false)
    expect(files).toEqual([['remote/remotes.test.ts', 'remote/call/call.test.ts']])
  })

  it('leaves out tests that need the build, and names them', () => {
    const { isBuilt, files, leftOut } = planned('transport')
    expect({ isBuilt, files }).toEqual({ isBuilt: false, files: [['transport/cote/cote.test.ts']] })
    expect(leftOut).toEqual(['transport/cote/hostile.test.ts'])
  })

  it('builds first when only such tests match or all are requested', () => {
    expect(planned('interop')).toMatchObject({
      isBuilt: true, files: [['interop/other.test.ts'], ['interop/calls.test.ts']]
    })
    expect(planned('--all', 'transport')).toMatchObject({
      isBuilt: true, files: [['transport/cote/hostile.test.ts', 'transport/cote/cote.test.ts']]
    })
  })

  it('accepts several words, parts of paths, and one file', () => {
    expect(planned('remote', 'transport/cote/cote').files).toEqual([
      ['remote/remotes.test.ts', 'remote/call/call.test.ts', 'transport/cote/cote.test.ts']
    ])
    expect(planned('remote-services').files).toEqual([['feathers/showing/remote-services.test.ts']])
    expect(planned('test/remote/remotes.test.ts').files).toEqual([['remote/remotes.test.ts']])
  })

  it('passes options on to jest with their values', () => {
    expect(readArguments(['remote', '-t', 'two words', '--bail'])).toEqual({
      words: ['remote'], options: ['-t', 'two words', '--bail'], isAll: false
    })
  })

  it.each([['-i'], ['--runInBand'], ['-w', '1'], ['--maxWorkers=1']])('leaves %s to the command line', (...options) => {
    const { runs } = planned('--all', 'interop', ...options)
    expect(runs.flat().filter(word => word.startsWith('--maxWorkers'))).toEqual([])
  })

  it('fails when no run has a test with a name that matches, and when one of them fails', () => {
    const ends = (...statuses: number[]) => isWell(statuses.map(status => () => status))
    expect([ends(0, 0), ends(0, 3), ends(3, 0)]).toEqual([true, true, true])
    expect([ends(3), ends(3, 3), ends(0, 1), ends(1, 0)]).toEqual([false, false, false, false])
  })

  it('refuses words that no file matches', () => {
    expect(() => planned('no-such-room')).toThrow('no test file matches no-such-room')
  })
})
