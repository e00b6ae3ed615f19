import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import ts from 'typescript'
import { compilerHost } from '../compiler-host'

const ROOT = join(__dirname, '../..')
const TIMEOUT = 60_000

const run = promisify(execFile)

const read = (name: string) => readFileSync(join(ROOT, name), 'utf8')

const programOf = (path: string, options: ts.CompilerOptions) =>
  ts.createProgram([path], options, compilerHost(options))

describe('the published package', () => {
  let files: string[]

  beforeAll(async () => {
    // The build is there already, and its output would mix with the list.
    const { stdout } = await run('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { cwd: ROOT })
    // npm lists packed packages by position or, from version 12 on, by name.
    const [packed] = Object.values(JSON.parse(stdout) as Record<string, { files: Array<{ path: string }> }>)
    files = packed.files.map(file => file.path)
  }, TIMEOUT)

  it('contains only the build, the package file, the documents, and the notice for old compilers', () => {
    const expected = /^(console\/(index\.html|[a-z-]+\.(css|js))|dist\/.+\.(m?js|m?js\.map|d\.m?ts)|docs\/([a-z-]+\.(md|svg|png)|grafana-dashboard\.json))$/
    const others = files.filter(file => !expected.test(file))
    expect(others.sort()).toEqual([
      'CHANGELOG.md', 'CONTRIBUTING.md', 'LICENSE', 'README.md', 'SECURITY.md', 'package.json',
      'types/needs-typescript-4.7-or-newer.d.ts'
    ])
  })

  it('contains code, types and source map of each source file, and no stale output', () => {
    const sources = readdirSync(join(ROOT, 'lib'), { recursive: true, encoding: 'utf8' })
      .map(path => path.replaceAll('\\', '/'))
      // Types of other packages are for the build alone.
      .filter(path => /\.m?ts$/.test(path) && !path.endsWith('.d.ts'))
    const built = sources.flatMap(source => {
      const [, name, m] = /^(.*)\.(m?)ts$/.exec(source) ?? []
      return [`${m}js`, `${m}js.map`, `d.${m}ts`].map(end => `dist/${name}.${end}`)
    })
    expect(files.filter(file => file.startsWith('dist/')).sort()).toEqual(built.sort())
  })

  it('runs no script at installation', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> }
    const atInstall = ['preinstall', 'install', 'postinstall', 'prepare', 'preprepare', 'postprepare', 'prepublish']
    expect(atInstall.filter(name => name in scripts)).toEqual([])
  })

  it('names no registry in its lock file or settings', () => {
    expect(read('package-lock.json')).not.toMatch(/"resolved":\s*"(?!file:|\.)/)
    expect(read('.npmrc')).not.toMatch(/registry\s*=\s*(?!true|false)/)
  })
})

describe('the package in another project', () => {
  let folder: string

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'mesh-package-'))
    mkdirSync(join(folder, 'node_modules'))
    symlinkSync(ROOT, join(folder, 'node_modules/feathers-mesh'), 'dir')
  })

  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  async function output (name: string, ...lines: string[]): Promise<unknown> {
    const path = join(folder, name)
    writeFileSync(path, lines.join('\n'))
    const { stdout, stderr } = await run(process.execPath, [path], { cwd: folder })
    expect(stderr).toBe('')
    return JSON.parse(stdout)
  }

  it('can be required from CommonJS', async () => {
    expect(await output('program.cjs',
      "const { DistributedModule, Distributed, InjectRemote, remoteToken } = require('feathers-mesh')",
      'const types = [DistributedModule, Distributed, InjectRemote, remoteToken].map(value => typeof value)',
      'console.log(JSON.stringify(types))'
    )).toEqual(['function', 'function', 'function', 'function'])
  }, TIMEOUT)

  it('can be imported by name from ESM', async () => {
    expect(await output('program.mjs',
      "import { DistributedModule, Distributed, InjectRemote, remoteToken } from 'feathers-mesh'",
      'const types = [DistributedModule, Distributed, InjectRemote, remoteToken].map(value => typeof value)',
      'console.log(JSON.stringify(types))'
    )).toEqual(['function', 'function', 'function', 'function'])
  }, TIMEOUT)

  it('is the same module for require and import, so that decorators from either work together', async () => {
    expect(await output('both.mjs',
      "import { createRequire } from 'node:module'",
      "import { DistributedModule } from 'feathers-mesh'",
      "const required = createRequire(import.meta.url)('feathers-mesh')",
      'console.log(JSON.stringify(required.DistributedModule === DistributedModule))'
    )).toBe(true)
  }, TIMEOUT)

  it('hides its internal modules', async () => {
    expect(await output('inside.cjs',
      "try { require('feathers-mesh/dist/errors') } catch (error) { console.log(JSON.stringify(error.code)) }"
    )).toBe('ERR_PACKAGE_PATH_NOT_EXPORTED')
  }, TIMEOUT)

  it.each([
    ['consumer.mts', ts.ModuleKind.NodeNext, ts.ModuleResolutionKind.NodeNext],
    ['consumer.cts', ts.ModuleKind.NodeNext, ts.ModuleResolutionKind.NodeNext],
    ['consumer.mts', ts.ModuleKind.Node16, ts.ModuleResolutionKind.Node16],
    ['consumer.ts', ts.ModuleKind.ESNext, ts.ModuleResolutionKind.Bundler]
  ])('exports the plugin by default, in %s with module %s and resolution %s', (name, module, moduleResolution) => {
    const path = join(folder, `default-${name}`)
    const program = [
      "import mesh from 'feathers-mesh'", 'const isAny: 0 extends 1 & typeof mesh ? true : false = false',
      "export const plugin = mesh({ key: 'x' })", "mesh({ kye: 'x' })", 'void isAny'
    ]
    writeFileSync(path, program.join('\n'))
    const compiled = programOf(path, {
      strict: true,
      noEmit: true,
      target: ts.ScriptTarget.ES2022,
      module,
      moduleResolution,
      esModuleInterop: true,
      experimentalDecorators: true,
      types: ['node'],
      typeRoots: [join(ROOT, 'node_modules/@types')]
    })
    const ours = compiled.getSourceFiles().filter(({ fileName }) => fileName.startsWith(join(ROOT, 'dist')))
    expect(ours.flatMap(source => [...compiled.getSemanticDiagnostics(source)])).toEqual([])
    expect(compiled.getSemanticDiagnostics(compiled.getSourceFile(path)).map(({ code }) => code)).toEqual([2353])
  }, TIMEOUT)

  it.each(['consumer.ts', 'consumer.mts'])('provides types for %s', name => {
    const path = join(folder, name)
    const program = ["import { DistributedModule } from 'feathers-mesh'", 'DistributedModule.forRoot({ nonsense: 1 })']
    writeFileSync(path, program.join('\n'))
    const compiled = programOf(path, {
      strict: true,
      noEmit: true,
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.Node16,
      moduleResolution: ts.ModuleResolutionKind.Node16,
      experimentalDecorators: true,
      // Feathers' own types need those of Node.
      types: ['node'],
      typeRoots: [join(ROOT, 'node_modules/@types')]
    })
    const ours = compiled.getSourceFiles().filter(({ fileName }) => fileName.startsWith(join(ROOT, 'dist')))
    expect(ours.length).toBeGreaterThan(1)
    const consumer = compiled.getSemanticDiagnostics(compiled.getSourceFile(path))
    // The one fault that was put in, and none in the declarations themselves.
    expect(consumer.map(diagnostic => diagnostic.code)).toEqual([2353])
    const messages = ours.flatMap(source => [...compiled.getSemanticDiagnostics(source)])
      .map(({ file, messageText }) => `${file?.fileName}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`)
    expect(messages).toEqual([])
  }, TIMEOUT)
})
