import fc from 'fast-check'
import { feathers } from '@feathersjs/feathers'
import distribution, {
  ConfigurationError, CoteTransport, DistributedModule, type DistributionOptions
} from 'feathers-mesh'
import type { Table } from '../../lib/option-table/option'
import { MODULE_OPTIONS } from '../../lib/options/module-options'
import { PLUGIN_OPTIONS } from '../../lib/options/plugin-options'
import { COTE_OPTIONS } from '../../lib/transport/cote/cote-options'

/** Values of every kind, of which an option takes at most a few. */
const VALUES: ReadonlyArray<readonly [string, unknown]> = [
  ['a text', 'no option takes this one'], ['an empty text', ''], ['a number', 1.5], ['a number below 0', -7],
  ['NaN', NaN], ['true', true], ['a list', [Symbol('odd')]], ['a list with a hole', new Array(1)],
  ['a list of null', [null]],
  ['a Date', new Date(0)], ['a Map', new Map()], ['a Promise', Promise.resolve()], ['a symbol', Symbol('odd')],
  ['a bigint', 7n], ['a class', class Odd {}], ['a function', () => 7], ['an object', { odd: true }]
]

/** How many kinds of these an option takes, so that the property can't be true of one that takes all. */
const MOST_KINDS = 3

/** Those that an option may be given as far as its own check goes. */
const MAY_BE: Readonly<Record<string, readonly string[]>> = {
  name: ['a text'], key: ['a text'], environment: ['a text', 'an empty text'], healthcheckPath: ['a text'],
  heartbeatInterval: ['a number below 0'], unicast: ['a text'], address: ['a text'], hostName: ['a text'],
  secret: ['a text', 'a function'], tls: [], routing: ['a function'], remoteServices: ['a function'],
  remoteServicePath: ['a function'], remoteServiceOptions: ['a function'], services: ['a function'],
  redis: ['true', 'an object'], health: ['true'], inspect: ['true'], telemetry: ['true'],
  hooks: ['an object'], middlewares: ['an object'], validation: ['an object'], cote: ['an object']
}

/** The faults for which options are refused; none where they are taken. */
function faultsOf (make: () => unknown): readonly string[] {
  try {
    make()
    return []
  } catch (error) {
    if (error instanceof ConfigurationError) return error.faults
    throw error
  }
}

type Make = (options: object) => unknown

/** The options of a plugin that does not join. */
function atRest (options: DistributionOptions): DistributionOptions {
  return { ...options, coteDelay: options.coteDelay ?? -1 }
}

const TABLES: Array<[string, Table, Make, string]> = [
  ['forRoot', MODULE_OPTIONS, options => DistributedModule.forRoot(options), ''],
  ['the plugin', PLUGIN_OPTIONS, options => feathers().configure(distribution(atRest(options))), ''],
  ['cote in forRoot', COTE_OPTIONS, cote => DistributedModule.forRoot({ cote }), 'cote.'],
  ['a CoteTransport', COTE_OPTIONS, cote => new CoteTransport(cote), '']
]

beforeEach(() => { jest.spyOn(process, 'emitWarning').mockImplementation(() => {}) })
afterEach(() => jest.restoreAllMocks())

describe.each(TABLES)('each option of %s', (_what, table, make, prefix) => {
  const names = Object.keys(table)
  const isFlag = (name: string): boolean => faultsOf(() => make({ [name]: 'x' })).join().includes('boolean')

  it('refuses every value of a wrong kind with its name', () => {
    const cases = fc.record({ name: fc.constantFrom(...names), value: fc.constantFrom(...VALUES) })
    fc.assert(fc.property(cases, ({ name, value: [kind, value] }) => {
      if (MAY_BE[name]?.includes(kind) || (kind === 'true' && isFlag(name))) return
      const faults = faultsOf(() => make({ [name]: value }))
      expect([name, kind, faults.join()]).toEqual([name, kind, expect.stringContaining(`'${prefix}${name}'`)])
    }), { numRuns: 400 })
  })

  it('accepts few kinds of values, so that the property means something', () => {
    expect(names.filter(name => (MAY_BE[name]?.length ?? 0) > MOST_KINDS)).toEqual([])
  })

  it('counts as omitted when it is undefined or null', () => {
    const nothing = fc.dictionary(fc.constantFrom(...names), fc.constantFrom(undefined, null))
    fc.assert(fc.property(nothing, options => {
      const rest = prefix === '' && table !== COTE_OPTIONS ? { cote: { broadcast: '127.255.255.255' } } : {}
      expect(faultsOf(() => make({ ...options, ...rest }))).toEqual([])
    }), { numRuns: 50 })
  })
})

describe('an unknown option', () => {
  it.each(['constructor', 'toString', '__proto__', 'hasOwnProperty'])(
    'is refused even when it has the name of an object member, like %s', name => {
      const options = JSON.parse(`{ "${name}": 1 }`) as object
      const fault = (option: string): unknown[] => [expect.stringContaining(`unknown option '${option}'`)]
      expect(faultsOf(() => DistributedModule.forRoot(options))).toEqual(fault(name))
      expect(faultsOf(() => DistributedModule.forRoot({ cote: options }))).toEqual(fault(`cote.${name}`))
    })

  it('is refused by CoteTransport with the right name', () => {
    const make = (): unknown => new CoteTransport({ helloIntervall: 5 } as object)
    expect(make).toThrow("unknown option 'helloIntervall'; did you mean 'helloInterval'?")
  })
})
