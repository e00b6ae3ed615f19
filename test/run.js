'use strict'

/**
 * Runs tests.
 *
 * Usage: npm test                        all of them, behind the build
 *        npm test -- remote transport    the unit tests of these rooms, without the build
 *        npm test -- interop             what only the build can run: builds first
 *        npm test -- --all remote        all tests that the words match, behind the build where they need it
 * A word is a folder of test/, or a part of a path. Options of jest may follow: npm test -- remote -t deadline
 */
const { spawnSync } = require('node:child_process')
const { existsSync, readdirSync } = require('node:fs')
const { availableParallelism } = require('node:os')
const { join, sep } = require('node:path')
const { NO_TEST_MATCHES } = require('./plain-summary-reporter.js')
const suites = require('./suites.js')

const ROOT = join(__dirname, '..')
const PROJECTS = ['tsconfig.build.json', 'samples', 'test/processes', 'test/chaos']

/** Options of jest whose value is a word of its own. */
const WITH_VALUE = ['-t', '--testNamePattern', '-w', '--maxWorkers', '-c', '--config', '--testTimeout', '--shard']

const matches = (file, patterns) => patterns.some(pattern => new RegExp(pattern, 'i').test(file))

/** The suite of a file below test/. */
function suiteOf (file) {
  if (matches(file, suites.heavy)) return 'heavy'
  return matches(file, suites.build) ? 'build' : 'unit'
}

function testFiles () {
  return readdirSync(__dirname, { recursive: true, encoding: 'utf8' })
    .map(file => file.split(sep).join('/'))
    .filter(file => file.endsWith('.test.ts'))
}

/** A word as a pattern of paths below test/: a folder is that folder, not whatever has such a name in it. */
function patternOf (word) {
  const path = word.replaceAll('\\', '/').replace(/^(\.\/)?(test|lib)\//, '').replace(/\/$/, '')
  return existsSync(join(__dirname, path)) ? `^${path.replace(/[.+]/g, '\\$&')}(/|$)` : path
}

/** Words and options of the command line. */
function readArguments (args) {
  const words = []
  const options = []
  args.forEach((arg, n) => {
    const isValue = n > 0 && WITH_VALUE.includes(args[n - 1])
    if (arg !== '--all') (isValue || arg.startsWith('-') ? options : words).push(arg)
  })
  return { words, options, isAll: args.includes('--all') }
}

const escape = text => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')

/** A pattern of paths below test/ as one of whole paths, which jest takes. */
const whole = pattern => escape(__dirname + sep) + (pattern.startsWith('^') ? pattern.slice(1) : `.*${pattern}`)

/** Arguments of one run of jest: the patterns that its files match, and those that they don't. */
const run = (only, ignored) => {
  return [...ignored.length > 0 ? ['--testPathIgnorePatterns', ...ignored.map(whole)] : [], '--', ...only.map(whole)]
}

/** How many of the heavy files run at a time: one for each core, unless the command line says it. */
function workersOf (options) {
  const isGiven = options.some(option => /^(-i|--runInBand|-w|--maxWorkers)(=|$)/.test(option))
  return isGiven ? [] : [`--maxWorkers=${availableParallelism()}`]
}

/** Whether there is something to build first, the runs of jest one after the other, and the files that are left out. */
function planOf ({ words, isAll, options = [] }, files = testFiles()) {
  const patterns = words.map(patternOf)
  const chosen = words.length === 0 ? files : files.filter(file => matches(file, patterns))
  if (chosen.length === 0) throw new Error(`no test file matches ${words.join(' ')}`)
  const has = suite => chosen.some(file => suiteOf(file) === suite)
  const isUnit = words.length > 0 && !isAll && has('unit')
  if (isUnit) {
    const leftOut = chosen.filter(file => suiteOf(file) !== 'unit')
    return { isBuilt: false, runs: [run(patterns, [...suites.build, ...suites.heavy])], leftOut }
  }
  const heavy = chosen.filter(file => suiteOf(file) === 'heavy').map(file => `^${escape(file)}$`)
  const runs = []
  if (has('unit') || has('build')) runs.push(run(patterns, suites.heavy))
  if (heavy.length > 0) runs.push([...workersOf(options), ...run(heavy, [])])
  return { isBuilt: has('build') || has('heavy'), runs, leftOut: [] }
}

/**
 * Options of V8 for jest, which its workers have as well. Each file loads hundreds of modules of its own, and most of
 * what that leaves behind is garbage at once: with room for more of it, it is looked through less often.
 */
const WITH_ROOM = ['--max-semi-space-size=64']

/** Runs a program of node_modules to its end; gives its exit code. */
function node (program, args, execArgv = []) {
  const words = [...execArgv, require.resolve(program), ...args]
  return spawnSync(process.execPath, words, { cwd: ROOT, stdio: 'inherit' }).status
}

/** Makes the runs one after the other, up to one that fails; gives whether all are well. */
function isWell (runs) {
  let hasTests = false
  for (const makeRun of runs) {
    const status = makeRun()
    if (status !== 0 && status !== NO_TEST_MATCHES) return false
    hasTests ||= status === 0
  }
  return hasTests
}

/** Builds what tests run; gives whether that is well. */
function isBuildWell () {
  return node('../node_modules/typescript-7/bin/tsc', ['-b', ...PROJECTS]) === 0 && node('./bundle-programs.js', []) === 0
}

function main () {
  const { words, options, isAll } = readArguments(process.argv.slice(2))
  const { isBuilt, runs, leftOut } = planOf({ words, isAll, options })
  if (leftOut.length > 0) console.error(`left out, as they need the build (--all runs them): ${leftOut.join(' ')}\n`)
  const ofJest = runs.map(args => () => node('jest/bin/jest', [...options, ...args], WITH_ROOM))
  const isDone = (!isBuilt || isBuildWell()) && isWell(ofJest)
  if (!isDone) process.exitCode = 1
}

if (require.main === module) main()

module.exports = { isWell, patternOf, planOf, readArguments, suiteOf, testFiles }
