import { execFileSync } from 'node:child_process'
import {
  existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { comparisonTable, quantile, ratios, verdict, type PairedFigure } from '../../bench/against/comparison'
import { buildOf } from '../../bench/against/other-build'
import { parseOptions, readOptions } from '../../bench/bench-options'

const figure = (unit: PairedFigure['unit'], here: number[], there: number[]): PairedFigure => {
  return { title: 'a figure', unit, here, there }
}

describe('the options of the bench', () => {
  it('measure ours against a commit in nine pairs by default', () => {
    expect(parseOptions(['--against', 'HEAD~1'])).toMatchObject({
      against: 'HEAD~1', pairs: 9, systems: ['ours'], write: false
    })
    expect(parseOptions(['--against=main', '--pairs=3', '--only=ours-secret', '--quick'])).toMatchObject({
      against: 'main', pairs: 3, systems: ['ours-secret'], write: false, pace: { isQuick: true }
    })
  })

  it('measure all systems without a commit, and write what a whole run found', () => {
    expect(parseOptions([])).toMatchObject({ against: undefined, rounds: 5, write: true })
    expect(parseOptions(['--quick'])).toMatchObject({ rounds: 2, write: false })
  })

  it('print the usage and end well when asked for help', () => {
    const print = jest.spyOn(console, 'log').mockReturnValue()
    const exit = jest.spyOn(process, 'exit').mockImplementation(code => { throw new Error(`exit code ${code}`) })
    try {
      expect(() => readOptions(['--quick', '--help'])).toThrow('exit code 0')
      expect(print).toHaveBeenCalledWith(expect.stringContaining('Usage: npm run bench'))
    } finally {
      print.mockRestore()
      exit.mockRestore()
    }
  })

  it.each([
    [['--pairs=3'], '--pairs goes with --against'],
    [['--against=main', '--pairs=0'], "--pairs takes a whole number above 0, not '0'"],
    [['--against=main', '--pairs=two'], "--pairs takes a whole number above 0, not 'two'"],
    [['--rounds=1.5'], "--rounds takes a whole number above 0, not '1.5'"],
    [['--against=main', '--only=ours,bare'], '--against measures one system of ours'],
    [['--against=main', '--only=bare'], '--against measures one system of ours'],
    [['--only=nothing'], 'there is no system nothing'],
    [['--agianst=main'], "Unknown option '--agianst'"]
  ])('refuse %j', (args, message) => {
    expect(() => parseOptions(args)).toThrow(message)
  })
})

describe('a comparison', () => {
  it('uses the median of the ratios, not the ratio of the medians', () => {
    // The machine is twice as slow in the second pair: for both.
    const slowed = figure('µs', [10, 20, 10], [10, 20, 11])
    expect(ratios(slowed)).toEqual([1, 1, 10 / 11])
    expect(verdict(slowed)).toBe('within 3 %')
  })

  it.each([
    ['µs', [103], [100], 'within 3 %'],
    ['µs', [97], [100], 'within 3 %'],
    ['µs', [104], [100], 'worse by 4.0 %'],
    ['µs', [90], [100], 'better by 10.0 %'],
    ['per second', [90], [100], 'worse by 10.0 %'],
    ['per second', [105], [100], 'better by 5.0 %'],
    ['µs', [NaN], [100], 'not measured'],
    ['µs', [], [], 'not measured']
  ] as const)('compares %s of %j with %j as %s', (unit, here, there, expected) => {
    expect(verdict(figure(unit, [...here], [...there]))).toBe(expected)
  })

  it('leaves out pairs with a side that could not be measured', () => {
    expect(ratios(figure('µs', [1, NaN, 3], [NaN, 2, 3]))).toEqual([1])
  })

  it('states the interval that holds half of the ratios', () => {
    expect([0, 0.25, 0.5, 1].map(share => quantile([4, 1, 3, 2], share))).toEqual([1, 1.75, 2.5, 4])
    expect(quantile([], 0.5)).toBeNaN()
  })

  it('prints a line with both medians, their ratio and the verdict', () => {
    expect(comparisonTable('abc123', [figure('µs', [12, 11, 13], [10, 10, 10])]).split('\n').map(squeezed)).toEqual([
      '| | here | abc123 | here / there | half of them | verdict |',
      expect.stringMatching(/^\| -+ \|/),
      '| a figure (µs) | 12 | 10 | 1.200 | 1.150 to 1.250 | worse by 20.0 % |'
    ])
  })
})

const squeezed = (line: string): string => line.replace(/ +/g, ' ')

describe('the build of another commit', () => {
  const root = mkdtempSync(join(tmpdir(), 'against-test-'))
  const git = (...args: string[]): string => {
    const identity = ['-c', 'user.name=test', '-c', 'user.email=test@example.org', '-c', 'commit.gpgsign=false']
    return execFileSync('git', [...identity, ...args], { cwd: root, encoding: 'utf8' })
  }
  const left = (): string[] => {
    return readdirSync(tmpdir()).filter(name => name.startsWith(`feathers-mesh-against-${process.pid}-`))
  }

  beforeAll(() => {
    mkdirSync(join(root, 'lib'))
    mkdirSync(join(root, '.build/bench/processes'), { recursive: true })
    writeFileSync(join(root, '.build/bench/processes/node.js'), 'of here')
    symlinkSync(join(__dirname, '../../node_modules'), join(root, 'node_modules'), 'junction')
    const compilerOptions = { outDir: 'dist', rootDir: 'lib', types: [], skipLibCheck: true }
    writeFileSync(join(root, 'tsconfig.build.json'), JSON.stringify({ compilerOptions, include: ['lib'] }))
    git('init', '-q')
    for (const text of ['export const which = 1\n', 'export const which: number = \'two\'\n']) {
      writeFileSync(join(root, 'lib/index.ts'), text)
      git('add', 'lib', 'tsconfig.build.json')
      git('commit', '-qm', text)
    }
  })

  afterAll(() => rmSync(root, { recursive: true, force: true }))

  it('contains the package of that commit and the current bench until it is removed', async () => {
    const { commit, folder, bench, remove } = await buildOf('HEAD~1', root)
    expect(commit).toBe(git('rev-parse', '--short', 'HEAD~1').trim())
    expect(readFileSync(join(folder, 'dist/index.js'), 'utf8')).toContain('which = 1')
    expect(readFileSync(join(bench, 'processes/node.js'), 'utf8')).toBe('of here')
    remove()
    expect(left()).toEqual([])
    // What the folder linked to is none of it.
    expect(existsSync(join(root, 'node_modules/typescript'))).toBe(true)
  })

  it('leaves nothing behind when the commit does not compile', async () => {
    await expect(buildOf('HEAD', root)).rejects.toThrow(/lib\/index\.ts.*TS2322/)
    expect(left()).toEqual([])
  })

  it.each(['no-such-branch', '--help', ''])('refuses %j, which is not a commit', async ref => {
    await expect(buildOf(ref, root)).rejects.toThrow(`--against: there is no commit '${ref}'`)
    expect(left()).toEqual([])
  })
})
