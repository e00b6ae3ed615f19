import type { Cell } from './cell'
import { OPTIONS } from './compiled'
import { asItIs, byHand } from './edits'
import type { Project } from './project'
import { NO_TYPES, REMEDY_BY_HAND } from './transpiled'

const REMEDY_PACKAGES = '`--packages=external`'
/** One of those that the app and feathers-mesh share. */
const TWO_COPIES = /two copies of (class-transformer|class-validator|tsyringe|reflect-metadata)/

async function esbuild (project: Project, remedied: boolean, ...flags: string[]): Promise<string> {
  project.sources(remedied ? byHand : asItIs)
  project.file('tsconfig.json', { compilerOptions: OPTIONS })
  const entries = ['service.ts', 'consumer.ts']
  await project.node('esbuild/bin/esbuild', ...entries, '--bundle', '--platform=node', '--outdir=out', ...flags)
  // A bundle of all that it needs runs where nothing is installed.
  const cwd = flags.length === 0 ? project.away('out') : `${project.folder}/out`
  return await project.pair('service.js', 'consumer.js', { cwd })
}

async function esbuildOfOne (project: Project, remedied: boolean): Promise<string> {
  project.sources(byHand)
  return await esbuild(project, true, remedied ? '--packages=external' : '--external:feathers-mesh')
}

const loader = {
  test: '/\\.ts$/',
  use: { loader: 'ts-loader', options: { transpileOnly: true, compilerOptions: { module: 'esnext' } } }
}

async function webpack (project: Project, mode: string): Promise<string> {
  project.sources()
  project.file('tsconfig.json', { compilerOptions: { ...OPTIONS, moduleResolution: 'bundler', module: 'esnext' } })
  const rule = `{ test: ${loader.test}, use: ${JSON.stringify(loader.use)} }`
  project.file('webpack.config.cjs', `
    module.exports = {
      mode: '${mode}', target: 'node', devtool: false,
      entry: { service: './service.ts', consumer: './consumer.ts' },
      output: { path: __dirname + '/out' },
      module: { rules: [${rule}] },
      resolve: { extensions: ['.ts', '.js'] }
    }`)
  project.file('build.cjs', `
    require('webpack')(require('./webpack.config.cjs'), (error, stats) => {
      if (error || stats.hasErrors()) { console.error(error ?? stats.toString()); process.exitCode = 1 }
    })`)
  await project.script('build.cjs')
  return await project.pair('service.js', 'consumer.js', { cwd: project.away('out') })
}

const METADATA_FIRST = "import 'reflect-metadata'\n"

async function rollup (project: Project, format: string, remedied: boolean): Promise<string> {
  const isEntry = (file: string) => ['service.ts', 'consumer.ts'].includes(file)
  project.sources((text, file) => remedied && isEntry(file) ? METADATA_FIRST + text : text)
  project.file('tsconfig.json', {
    compilerOptions: {
      ...OPTIONS, moduleResolution: 'bundler', module: 'esnext', outDir: undefined, rootDir: undefined
    }
  })
  const ending = format === 'es' ? 'mjs' : 'cjs'
  project.file('rollup.config.mjs', `
    import commonjs from '@rollup/plugin-commonjs'
    import json from '@rollup/plugin-json'
    import { nodeResolve } from '@rollup/plugin-node-resolve'
    import typescript from '@rollup/plugin-typescript'
    export default {
      input: { service: 'service.ts', consumer: 'consumer.ts' },
      output: {
        dir: 'out', format: '${format}', entryFileNames: '[name].${ending}', chunkFileNames: '[name]-[hash].${ending}'
      },
      plugins: [nodeResolve({ preferBuiltins: true, exportConditions: ['node'] }), commonjs(), json(), typescript()]
    }`)
  await project.node('rollup/dist/bin/rollup', '-c')
  return await project.pair(`service.${ending}`, `consumer.${ending}`, { cwd: project.away('out') })
}

const ROLLUP = [
  'rollup', '@rollup/plugin-commonjs', '@rollup/plugin-json', '@rollup/plugin-node-resolve',
  '@rollup/plugin-typescript', 'tslib'
]

function esbuildCell (settings: string, flags: string[], short = false): Cell {
  return {
    toolchain: 'esbuild',
    settings,
    packages: ['esbuild'],
    short,
    run: async (project, remedied) => await esbuild(project, remedied, ...flags),
    refusal: { says: NO_TYPES, remedy: REMEDY_BY_HAND }
  }
}

export const BUNDLED: readonly Cell[] = [
  esbuildCell('`--bundle --platform=node`', [], true),
  esbuildCell('`--packages=external`', ['--packages=external']),
  {
    toolchain: 'esbuild',
    settings: `\`--external:feathers-mesh\`, with ${REMEDY_BY_HAND}`,
    packages: ['esbuild'],
    run: esbuildOfOne,
    refusal: { says: TWO_COPIES, remedy: REMEDY_PACKAGES }
  },
  ...['production', 'development'].map((mode): Cell => ({
    toolchain: 'webpack',
    settings: `ts-loader, \`target: 'node'\`, ${mode}`,
    packages: ['webpack', 'ts-loader'],
    run: async project => await webpack(project, mode)
  })),
  ...['cjs', 'es'].map((format): Cell => ({
    toolchain: 'rollup',
    settings: `its plugins, TypeScript 6.0, \`format: '${format}'\``,
    packages: ROLLUP,
    run: async (project, remedied) => await rollup(project, format, remedied),
    refusal: { says: /import "reflect-metadata"/, remedy: "`import 'reflect-metadata'` first in the entries" }
  }))
]
