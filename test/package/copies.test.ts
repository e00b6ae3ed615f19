import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const ROOT = join(__dirname, '../..')
const TIMEOUT = 60_000

const run = promisify(execFile)

/** What a program needs that has all of it once. */
const PACKAGES = ['@feathersjs', 'class-transformer', 'class-validator', 'reflect-metadata', 'tsyringe']

/** What they and this package need themselves. */
const OF_COPIES = ['@dashersw', 'cote', 'debug', 'libphonenumber-js', 'tslib', 'validator']

/** Decorators by hand, as a program compiled without types has them. */
const PROGRAM = `
require('reflect-metadata')
const { Type } = require('class-transformer')
const { IsInt, ValidateNested } = require('class-validator')
const { container, inject, singleton } = require('tsyringe')
const { Distributed, DistributedMethod, DistributedModule, MemoryNetwork } = require('feathers-mesh')
class Line {}
IsInt()(Line.prototype, 'quantity')
class Order {}
ValidateNested({ each: true })(Order.prototype, 'lines')
Type(() => Line)(Order.prototype, 'lines')
class Due {}
Type(() => Date)(Due.prototype, 'date')
class Clock { constructor (zone) { this.zone = zone } }
inject('zone')(Clock, undefined, 0)
singleton()(Clock)
container.registerInstance('zone', 'UTC')
const service = (path, data) => {
  class Service { async create () { return 'accepted' } }
  DistributedMethod({ data })(Service.prototype, 'create', Object.getOwnPropertyDescriptor(Service.prototype, 'create'))
  return Service
}
const forRoot = options => DistributedModule.forRoot({ transport: new MemoryNetwork().transport(), ...options })
const attempt = async act => { try { return await act() } catch (error) { return error.message } }
`

describe('a program with duplicate packages', () => {
  let folder: string

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'feathers-mesh-copies-'))
    mkdirSync(join(folder, 'node_modules'))
    mkdirSync(join(folder, 'node_modules/feathers-mesh'))
    for (const part of ['dist', 'package.json']) {
      cpSync(join(ROOT, part), join(folder, 'node_modules/feathers-mesh', part), { recursive: true })
    }
    for (const name of [...PACKAGES, ...OF_COPIES]) link(name)
  })

  afterEach(() => { rmSync(folder, { recursive: true, force: true }) })

  const placeOf = (name: string): string => join(folder, 'node_modules', name)
  const link = (name: string): void => symlinkSync(join(ROOT, 'node_modules', name), placeOf(name))
  const remove = (name: string): void => rmSync(placeOf(name))
  /** Gives feathers-mesh a copy of its own. */
  const copy = (name: string): void =>
    cpSync(join(ROOT, 'node_modules', name), join(placeOf('feathers-mesh/node_modules'), name), { recursive: true })

  async function output (program: string): Promise<unknown> {
    const path = join(folder, 'program.cjs')
    writeFileSync(path, program)
    const { stdout } = await run(process.execPath, [path], { cwd: folder })
    return JSON.parse(stdout)
  }

  const CREATE = `${PROGRAM}
    void attempt(async () => {
      const Orders = service('orders', Order)
      Distributed('orders')(Orders)
      const mesh = forRoot({ services: [Orders] })
      await mesh.start()
      const created = await attempt(() => mesh.remote(Orders).create({ lines: [{ quantity: 'x' }] }))
      await mesh.stop()
      return created
    }).then(said => console.log(JSON.stringify(said)))`

  it('validates nested objects with one copy of each package', async () => {
    expect(await output(CREATE)).toBe('orders.create(): quantity must be an integer number')
  }, TIMEOUT)

  it.each(['class-validator', 'reflect-metadata'])('validates nested objects with two copies of %s', async name => {
    copy(name)
    expect(await output(CREATE)).toBe('orders.create(): quantity must be an integer number')
  }, TIMEOUT)

  it('is refused, with the cause and the remedy, when it has two copies of class-transformer', async () => {
    copy('class-transformer')
    expect(await output(CREATE)).toMatch(
      /Order are in a copy of it.*two copies of class-transformer \(.* and .*npm dedupe.*--external:class-transformer/)
  }, TIMEOUT)

  it('is refused when it has two copies of class-transformer and only @Type shows it', async () => {
    copy('class-transformer')
    expect(await output(`${PROGRAM}
      const Dues = service('dues', Due)
      Distributed('dues')(Dues)
      void attempt(() => forRoot({ services: [Dues] })).then(said => console.log(JSON.stringify(said)))`
    )).toMatch(/on Due are in a copy of it .*two copies of class-transformer/)
  }, TIMEOUT)

  it('is refused when a rule needs class-transformer and it is missing', async () => {
    remove('class-transformer')
    const without = CREATE.replace("const { Type } = require('class-transformer')", 'const Type = () => () => {}')
    expect(await output(without)).toMatch(/Order#lines has @ValidateNested.*npm install class-transformer/)
  }, TIMEOUT)

  it('is refused, with the cause and the remedy, when it has two copies of tsyringe', async () => {
    copy('tsyringe')
    const said = await output(`${PROGRAM}
      class Times extends service('times', Object) { constructor (clock) { super(); this.clock = clock } }
      inject(Clock)(Times, undefined, 0)
      Distributed('times')(Times)
      class Page { constructor (clock) { this.clock = clock } }
      inject(Clock)(Page, undefined, 0)
      singleton()(Page)
      void (async () => console.log(JSON.stringify([
        await attempt(() => forRoot({ services: [Times] })),
        await attempt(() => forRoot({ container })),
        await attempt(() => forRoot().resolve(Page))
      ])))()`)
    expect(said).toEqual([0, 1, 2].map(() => expect.stringMatching(/two copies of tsyringe \(.* and .*npm dedupe/)))
  }, TIMEOUT)

  it('runs when one copy of feathers-mesh decorates a class and another hosts it', async () => {
    cpSync(placeOf('feathers-mesh'), placeOf('other-mesh'), { recursive: true })
    const hosted = CREATE.replace('const forRoot', "const Other = require('other-mesh')\nconst forRoot")
      .replace('DistributedModule.forRoot({ transport: new MemoryNetwork()',
        'Other.DistributedModule.forRoot({ transport: new Other.MemoryNetwork()')
    expect(await output(hosted)).toBe('orders.create(): quantity must be an integer number')
  }, TIMEOUT)

  it.each(['cjs', 'mjs'])('runs the plugin from %s when tsyringe and class-transformer are missing', async kind => {
    remove('tsyringe')
    remove('class-transformer')
    const load = kind === 'mjs' ? "import('feathers-mesh')" : "Promise.resolve(require('feathers-mesh'))"
    expect(await output(`
      ${load}.then(async mesh => {
        const app = require('@feathersjs/feathers').feathers()
        app.configure(mesh.default({ coteDelay: -1, cote: { broadcast: '127.255.255.255' } }))
        const faults = [() => mesh.DistributedModule.forRoot(), () => mesh.Distributed('a')(class A {})].map(use => {
          try { return use() } catch (error) { return [error.name, error.message] }
        })
        console.log(JSON.stringify(faults))
      })`)).toEqual([0, 1].map(() => ['ConfigurationError', expect.stringContaining('npm install tsyringe')]))
  }, TIMEOUT)
})
