import type { Cell } from './cell'
import { OPTIONS } from './compiled'
import { asItIs, byHand } from './edits'
import type { Project } from './project'
import { resultsIn } from './project'
import { NO_TYPES, REMEDY_BY_HAND } from './transpiled'

/** A test that a user writes: both nodes in the process of the runner. */
const TEST = `
  import { inOneProcess } from './in-one-process'
  test('the app', async () => { process.stdout.write('results: ' + await inOneProcess() + '\\n') }, 60_000)`

async function jest (project: Project): Promise<string> {
  project.sources()
  project.file('tsconfig.json', { compilerOptions: { ...OPTIONS, module: 'commonjs', types: ['node', 'jest'] } })
  project.file('app.test.ts', TEST)
  project.file('jest.config.js', "module.exports = { transform: { '\\\\.ts$': 'ts-jest' } }")
  return resultsIn(await project.node('jest/bin/jest.js', '--rootDir', '.'))
}

async function vitest (project: Project, remedy: 'none' | 'by hand' | 'swc'): Promise<string> {
  project.sources(remedy === 'by hand' ? byHand : asItIs)
  project.file('tsconfig.json', { compilerOptions: OPTIONS })
  project.file('app.test.ts', `import { test } from 'vitest'\n${TEST}`)
  const swc = remedy === 'swc' ? ["import swc from 'unplugin-swc'", 'plugins: [swc.vite()],'] : ['', '']
  project.file('vitest.config.mts', `${swc[0]}\nexport default { ${swc[1]} test: { reporters: ['verbose'] } }`)
  return resultsIn(await project.node('vitest/vitest.mjs', 'run', '--root', '.'))
}

export const TEST_RUNNERS: readonly Cell[] = [
  {
    toolchain: 'ts-jest',
    settings: 'defaults',
    packages: ['jest@30', 'ts-jest@29', '@types/jest@30'],
    short: true,
    run: jest
  },
  {
    toolchain: 'vitest',
    settings: 'defaults, with Vite 8',
    packages: ['vitest@4', 'vite@8'],
    short: true,
    run: async project => await vitest(project, 'none')
  },
  {
    toolchain: 'vitest',
    settings: 'defaults, with Vite 7',
    packages: ['vitest@4'],
    apart: ['vite@7'],
    run: async (project, remedied) => await vitest(project, remedied ? 'by hand' : 'none'),
    refusal: { says: NO_TYPES, remedy: REMEDY_BY_HAND }
  },
  {
    toolchain: 'vitest',
    settings: '`unplugin-swc`',
    packages: ['vitest@4', 'unplugin-swc', '@swc/core'],
    run: async project => await vitest(project, 'swc')
  }
]
