import fc from 'fast-check'
// It is CommonJS, and a function.
// eslint-disable-next-line @typescript-eslint/no-require-imports
import buildOptions = require('cote/src/options-builder')
import { COTE_OPTIONS } from '../../../lib/transport/cote/cote-options'

const build: (options: object) => Record<string, unknown> = buildOptions
const before = process.env

afterEach(() => { process.env = before })

/** Options that both read. feathers-distributed, not cote, says what COTE_LOG means. */
const NAMES = [
  'environment', 'multicast', 'broadcast', 'checkInterval', 'helloInterval', 'nodeTimeout', 'useHostNames'
] as const

const VARIABLES = [
  'COTE_ENV', 'COTE_MULTICAST_ADDRESS', 'COTE_CHECK_INTERVAL', 'COTE_HELLO_INTERVAL', 'COTE_NODE_TIMEOUT',
  'COTE_USE_HOST_NAMES', 'COTE_DISCOVERY_REDIS_HOST', 'COTE_BROADCAST_ADDRESS', 'DOCKERCLOUD_IP_ADDRESS'
]

/** What a reader says of an option, where it says something. */
function said (value: unknown): unknown {
  const isSilent = value === null || value === '' || value === false || Number.isNaN(value)
  return isSilent ? undefined : value
}

describe('the variables of cote', () => {
  it('are read as cote reads them', () => {
    const samples = fc.constantFrom('', '0', '7', '12abc', 'abc', 'true', 'false', '239.1.2.3', ' 5')
    const text = fc.oneof(samples, fc.string()).filter(value => !value.includes('\0'))
    fc.assert(fc.property(fc.dictionary(fc.constantFrom(...VARIABLES), text), environment => {
      process.env = { ...environment }
      const ofCote = build({})
      for (const name of NAMES) {
        // cote documents this one, and does not read it.
        if (name === 'broadcast' && said(environment.COTE_BROADCAST_ADDRESS) !== undefined) continue
        expect([name, said(COTE_OPTIONS[name].readVariables(environment)?.value)]).toEqual([name, said(ofCote[name])])
      }
    }), { numRuns: 1_000 })
  })
})
