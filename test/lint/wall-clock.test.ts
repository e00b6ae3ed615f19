import { join } from 'node:path'
import { readSources } from './sources'

/**
 * Where lib/ reads the wall clock, and why it has to. Somebody may set that clock at any moment: what lasts or ends at
 * a time goes by `meshNow()` or `performance.now()`.
 */
const READS_THE_WALL_CLOCK: Readonly<Record<string, string>> = {
  'clock.ts': 'deadlines as people read them, and the alarm after a suspension',
  'cli/live/picture.ts': 'people read when a picture of the mesh was made',
  'cli/doctor/gather.ts': 'the doctor compares the clocks of machines',
  'feathers/node-inspection.ts': 'the doctor compares the clocks of machines',
  'registry/last-seen.ts': 'people read when a service was last seen',
  'transport/cote/security/certificates/authority.ts': 'dates of certificates are wall time',
  'transport/cote/security/certificates/certificate-ring.ts': 'dates of certificates are wall time'
}

const WALL_CLOCK = /\bDate\.now\b|\bnew Date\(\)|\bDate\(\)/

const sources = readSources(join(__dirname, '../../lib'))
const readers = sources.filter(({ text }) => WALL_CLOCK.test(text)).map(({ file }) => file)

describe('the wall clock', () => {
  it('is read only in the files that have a reason', () => {
    expect(readers.filter(file => READS_THE_WALL_CLOCK[file] === undefined)).toEqual([])
  })

  it('is read in each file that has a permission', () => {
    expect(Object.keys(READS_THE_WALL_CLOCK).filter(file => !readers.includes(file))).toEqual([])
  })
})
