import fc from 'fast-check'
import { CoteTransport, type DistributedModuleOptions, type DistributionOptions } from 'feathers-mesh'
import { resolveModule } from '../../lib/options/resolve-module'
import { resolvePlugin } from '../../lib/options/resolve-plugin'
import { setsVariables } from './environment-variables'

const set = setsVariables()
const ON_THIS_MACHINE = { cote: { broadcast: '127.255.255.255' } }

/** What a node works with, by both ways to make one. */
interface Outcome {
  readonly options: Readonly<Record<string, unknown>>
  readonly cote: Readonly<Record<string, unknown>>
  readonly warnings: readonly string[]
  readonly startDelay?: number
}

type Resolve = (variables: Record<string, string>, options?: object) => Outcome

type Resolved = ReturnType<typeof resolveModule> | ReturnType<typeof resolvePlugin>

const outcome = ({ faults, resolved }: Resolved): Outcome => {
  expect(faults).toEqual([])
  if (resolved === undefined) throw new Error('there is neither a fault nor a node')
  const { transport, startDelay } = resolved.settings()
  const cote = Reflect.get(Object(transport), 'options') as Outcome['cote']
  return { options: { ...resolved.options }, cote, warnings: resolved.warnings, startDelay }
}

const forRoot: Resolve = (variables, options: DistributedModuleOptions = {}) =>
  outcome(resolveModule(options, variables))
const plugin: Resolve = (variables, options: DistributionOptions = ON_THIS_MACHINE) =>
  outcome(resolvePlugin(options, variables))

const WAYS: Array<[string, Resolve]> = [['forRoot', forRoot], ['the plugin', plugin]]

describe.each(WAYS)('a variable of feathers-distributed or cote, read by %s', (_way, resolve) => {
  it.each([
    ['PUBLICATION_DELAY', '1500.7', 'publicationDelay', 1500],
    ['PUBLICATION_DELAY', '-5', 'publicationDelay', 0],
    ['PUBLICATION_DELAY', '1e3', 'publicationDelay', 1000],
    ['COMPONENT_DELAY', '0.5', 'componentDelay', 0],
    ['HEARTBEAT_INTERVAL', '0.5', 'heartbeatInterval', 1],
    ['HEARTBEAT_INTERVAL', '2000.9', 'heartbeatInterval', 2000],
    ['HEARTBEAT_INTERVAL', '-1', 'heartbeatInterval', -1]
  ])('takes the nearest number that works, as %s=%s', (variable, text, option, value) => {
    const { options, warnings } = resolve({ [variable]: text })
    expect(options[option]).toBe(value)
    expect(warnings).toEqual([])
  })

  it.each([
    ['HIGHEST_PORT', '70000', { basePort: 10_000, highestPort: 65_535 }],
    ['HIGHEST_PORT', '10400.5', { basePort: 10_000, highestPort: 10_400 }],
    ['HIGHEST_PORT', '9000', { basePort: 9_000, highestPort: 9_000 }],
    ['HIGHEST_PORT', 'Infinity', { basePort: 10_000, highestPort: 65_535 }],
    ['BASE_PORT', '10500', { basePort: 10_500, highestPort: 20_000 }],
    ['BASE_PORT', '30000', { basePort: 30_000, highestPort: 30_000 }],
    ['BASE_PORT', '0', { basePort: undefined, highestPort: undefined }],
    ['COTE_HELLO_INTERVAL', '12abc', { helloInterval: 12 }]
  ])('sets what the transport works with to the nearest number, as %s=%s', (variable, text, expected) => {
    const { cote, warnings } = resolve({ [variable]: text })
    expect(cote).toMatchObject(expected)
    expect(warnings).toEqual([])
  })

  it.each([
    ['BASE_PORT', '70000'], ['BASE_PORT', '8000.5'], ['BASE_PORT', '-1'], ['BASE_PORT', 'http'],
    ['HIGHEST_PORT', '-1'], ['HIGHEST_PORT', 'http'],
    ['PUBLICATION_DELAY', 'soon'], ['PUBLICATION_DELAY', 'Infinity'], ['PUBLICATION_DELAY', '2147483648'],
    ['HEARTBEAT_INTERVAL', 'often'], ['HEARTBEAT_INTERVAL', '1e12'],
    ['COTE_HELLO_INTERVAL', '-5'], ['COTE_HELLO_INTERVAL', '0'], ['COTE_NODE_TIMEOUT', '99999999999'],
    ['COTE_CHECK_INTERVAL', 'often'], ['COTE_MULTICAST_ADDRESS', '10.0.0.1'], ['COTE_MULTICAST_ADDRESS', 'all']
  ])('is ignored with one warning that names it where it can not work, as %s=%s', (variable, text) => {
    const without = resolve({})
    const { options, cote, warnings } = resolve({ [variable]: text })
    expect({ ...options, name: '' }).toEqual({ ...without.options, name: '' })
    expect(cote).toEqual(without.cote)
    expect(warnings).toEqual([expect.stringMatching(new RegExp(`^${variable} is wrong: .*; it is ignored$`))])
  })

  it('never ends a start, and warns at most once of each', () => {
    const names = [
      'PUBLICATION_DELAY', 'COMPONENT_DELAY', 'HEARTBEAT_INTERVAL', 'COTE_DELAY', 'BASE_PORT', 'HIGHEST_PORT',
      'COTE_ENV', 'COTE_HELLO_INTERVAL', 'COTE_CHECK_INTERVAL', 'COTE_NODE_TIMEOUT', 'COTE_LOG', 'COTE_USE_HOST_NAMES',
      'DISCOVERY_HOSTNAME'
    ]
    const text = fc.oneof(
      fc.string(), fc.integer().map(String), fc.double().map(String), fc.integer({ min: -2, max: 70_000 }).map(String)
    )
    fc.assert(fc.property(fc.dictionary(fc.constantFrom(...names), text), variables => {
      const { warnings } = resolve(variables)
      for (const name of names) {
        expect(warnings.filter(warning => warning.startsWith(`${name} is `)).length).toBeLessThanOrEqual(1)
      }
    }), { numRuns: 500 })
  })

  it('is ignored where it leaves no port, and the warning names where both ends come from', () => {
    expect(resolve({ BASE_PORT: '30000', HIGHEST_PORT: '20000' })).toMatchObject({
      cote: { basePort: 30_000, highestPort: 30_000 },
      warnings: ['HIGHEST_PORT is 20000, which is below BASE_PORT (30000); it is ignored']
    })
    const given = (ports: object): object => ({ cote: { ...ON_THIS_MACHINE.cote, ...ports } })
    expect(resolve({ HIGHEST_PORT: '20000' }, given({ basePort: 30_000 }))).toMatchObject({
      cote: { basePort: 30_000, highestPort: 30_000 },
      warnings: ["HIGHEST_PORT is 20000, which is below option 'cote.basePort' (30000); it is ignored"]
    })
    expect(resolve({ BASE_PORT: '30000' }, given({ highestPort: 9_000 }))).toMatchObject({
      cote: { basePort: 9_000, highestPort: 9_000 },
      warnings: ["BASE_PORT is 30000, which is above option 'cote.highestPort' (9000); it is ignored"]
    })
  })
})

describe('COTE_DELAY', () => {
  it.each([['-0.5', undefined], ['-7', undefined], ['-Infinity', undefined], ['20.9', 20], ['0', 0]])(
    'means what it means to feathers-distributed, as %s', (text, startDelay) => {
      expect(plugin({ COTE_DELAY: text })).toMatchObject({ startDelay, warnings: [] })
    })

  it.each(['soon', 'Infinity', '1e12'])('is ignored with a warning, as %s', text => {
    expect(plugin({ COTE_DELAY: text })).toMatchObject({
      startDelay: 0, warnings: [expect.stringMatching(/^COTE_DELAY is wrong: .*; it is ignored$/)]
    })
  })
})

describe('a range of ports that options give', () => {
  it('is that port alone in the plugin when it lies beyond the range of feathers-distributed', () => {
    const cote = ON_THIS_MACHINE.cote
    expect(plugin({}, { cote: { ...cote, basePort: 30_000 } }).cote).toMatchObject({ highestPort: 30_000 })
    expect(plugin({}, { cote: { ...cote, highestPort: 9_000 } }).cote).toMatchObject({ basePort: 9_000 })
  })

  it('is refused when it is the wrong way round', () => {
    const cote = { ...ON_THIS_MACHINE.cote, basePort: 30_000, highestPort: 20_000 }
    const fault = ["option 'cote.highestPort' is 20000, but needs a 'cote.basePort' that is not above it"]
    expect(resolveModule({ cote }, {}).faults).toEqual(fault)
    expect(resolvePlugin({ cote }, {}).faults).toEqual(fault)
  })
})

describe('a CoteTransport', () => {
  it('warns of a variable that it ignores', () => {
    set({ BASE_PORT: '70000' })
    const warnings = jest.spyOn(process, 'emitWarning').mockImplementation(() => {})
    expect(() => new CoteTransport()).not.toThrow()
    expect(warnings.mock.calls).toEqual([[expect.stringMatching(/^feathers-mesh: BASE_PORT is wrong: .*ignored$/)]])
    warnings.mockRestore()
  })
})

describe('where the plugin broadcasts to', () => {
  it.each([undefined, null])('is where feathers-distributed does when cote.broadcast is %s', broadcast => {
    const cote = { broadcast } as object
    expect(plugin({}, { cote }).cote).toMatchObject({ broadcast: '255.255.255.255' })
    expect(resolvePlugin({ cote }, {}).resolved?.isOpen).toBe(true)
    const inCloud = plugin({ DOCKERCLOUD_IP_ADDRESS: '10.7.0.1/16' }, { cote })
    expect(inCloud.cote).toMatchObject({ broadcast: '10.7.255.255' })
  })

  it('is where the option says, whatever DOCKERCLOUD_IP_ADDRESS says', () => {
    expect(plugin({ DOCKERCLOUD_IP_ADDRESS: '10.7.0.1/16' }).cote).toMatchObject(ON_THIS_MACHINE.cote)
  })
})
