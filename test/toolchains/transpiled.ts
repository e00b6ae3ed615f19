import type { Cell } from './cell'
import { OPTIONS } from './compiled'
import { asItIs, byHand } from './edits'
import type { Project } from './project'

/** The message for users whose compiler emits no types; each of the steps is a remedy. */
export const NO_TYPES = /@inject\(|@DistributedMethod\(\{ data: /

export const REMEDY_BY_HAND = '`@inject(TodoStore)` and `data: CreateTodo`'

async function swc (project: Project, decoratorMetadata: boolean): Promise<string> {
  project.sources()
  project.file('build.cjs', `
    const { transformFileSync } = require('@swc/core')
    const { mkdirSync, readdirSync, writeFileSync } = require('node:fs')
    mkdirSync('out')
    for (const name of readdirSync('.').filter(name => name.endsWith('.ts'))) {
      const { code } = transformFileSync(name, {
        jsc: {
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: ${decoratorMetadata} },
          target: 'es2022'
        },
        module: { type: 'commonjs' }
      })
      writeFileSync('out/' + name.replace('.ts', '.js'), code)
    }`)
  await project.script('build.cjs')
  return await project.pair('out/service.js', 'out/consumer.js')
}

async function tsx (project: Project, remedied: boolean, esm = false): Promise<string> {
  project.sources(remedied ? byHand : asItIs)
  project.file('package.json', { type: esm ? 'module' : 'commonjs' })
  project.file('tsconfig.json', { compilerOptions: OPTIONS })
  return await project.pair('service.ts', 'consumer.ts', { node: ['--import', 'tsx'] })
}

export const TRANSPILED: readonly Cell[] = [
  {
    toolchain: 'swc',
    settings: '`legacyDecorator`, `decoratorMetadata`',
    packages: ['@swc/core'],
    short: true,
    run: async project => await swc(project, true)
  },
  {
    toolchain: 'swc',
    settings: '`legacyDecorator` alone',
    packages: ['@swc/core'],
    run: async (project, remedied) => await swc(project, remedied),
    refusal: { says: NO_TYPES, remedy: '`decoratorMetadata`' }
  },
  {
    toolchain: 'tsx',
    settings: 'CommonJS',
    packages: ['tsx'],
    short: true,
    run: async (project, remedied) => await tsx(project, remedied),
    refusal: { says: NO_TYPES, remedy: REMEDY_BY_HAND }
  },
  {
    toolchain: 'tsx',
    settings: 'ESM',
    packages: ['tsx'],
    run: async (project, remedied) => await tsx(project, remedied, true),
    refusal: { says: NO_TYPES, remedy: REMEDY_BY_HAND }
  }
]
