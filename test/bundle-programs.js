'use strict'

/**
 * Makes one file of each program that tests run as a process, with what it loads of this package and of others. Such a
 * process is there in half the time, and tests start hundreds of them. How the package loads from its own files is
 * shown elsewhere: by the samples, and by what tests of the package install.
 *
 * Usage: node test/bundle-programs.js    behind the build of test/processes and test/chaos
 */
const { readdirSync, readFileSync } = require('node:fs')
const { join } = require('node:path')
const { buildSync } = require('esbuild')

const BUILD = join(__dirname, '../.build')
const FOLDERS = ['processes', 'chaos']

/** Packages of which the program and the package must have the same copy, or which they load only in some tests. */
const EXTERNAL = ['class-validator', 'class-transformer', '@opentelemetry/*', 'ioredis', '@nats-io/*', 'cote']

/** The programs among the files of a folder: those that obey a test. */
function programsOf (folder) {
  return readdirSync(join(BUILD, folder), { recursive: true, encoding: 'utf8' })
    .filter(file => file.endsWith('.js'))
    .map(file => join(BUILD, folder, file))
    .filter(file => readFileSync(file, 'utf8').includes('.obey)('))
}

buildSync({
  entryPoints: FOLDERS.flatMap(programsOf),
  outbase: BUILD,
  outdir: join(BUILD, 'programs'),
  bundle: true,
  platform: 'node',
  external: EXTERNAL,
  logLevel: 'error'
})
