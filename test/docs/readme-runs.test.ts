import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import ts from 'typescript'
import { readBlocks, writeNamedBlocks } from './code-blocks'

const root = join(__dirname, '../..')

/** The programs of the README as JavaScript, in a folder of this package: they find feathers-mesh as users do. */
function build (): string {
  const parent = join(root, '.build')
  mkdirSync(parent, { recursive: true })
  const folder = mkdtempSync(join(parent, 'readme-'))
  writeNamedBlocks(readBlocks(root, 'README.md'), folder)
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), path => readFileSync(path, 'utf8')) as
    { config: { compilerOptions: object } }
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, root)
  for (const file of readdirSync(folder).filter(name => name.endsWith('.ts'))) {
    const source = readFileSync(join(folder, file), 'utf8')
    const { outputText } = ts.transpileModule(source, { compilerOptions: options, fileName: file })
    writeFileSync(join(folder, file.replace(/\.ts$/, '.js')), outputText)
  }
  return folder
}

describe('the programs of the README', () => {
  const env = { ...process.env, COTE_ENV: `readme-${process.pid}`, PORT: '0' }
  let folder: string
  let service: ChildProcess | undefined

  beforeAll(() => { folder = build() })

  afterEach(async () => {
    const running = service
    service = undefined
    if (running === undefined || running.exitCode !== null) return
    await new Promise(resolve => running.once('exit', resolve).kill('SIGKILL'))
  })

  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  async function run (program: string): Promise<string> {
    const { stdout } = await promisify(execFile)(process.execPath, [join(folder, program)], { env, timeout: 15_000 })
    return stdout
  }

  it('serve a consumer: calls, an event, and an end by itself', async () => {
    service = spawn(process.execPath, [join(folder, 'service.js')], { env, stdio: 'inherit' })
    expect((await run('consumer.js')).split('\n')).toEqual(['done: write a README', 'open: []', ''])
  })

  it('run without sockets', async () => {
    expect(await run('todo-service.test.js')).toBe("{ id: 1, title: 'try it', done: false }\n")
  })
})
