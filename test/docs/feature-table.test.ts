import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { PLUGIN_OPTIONS } from '../../lib/options/plugin-options'
import { isTest, namedTests, type NamedTest } from './test-names'

const ROOT = join(__dirname, '../..')
const DOCUMENT = 'docs/feathers-distributed.md'

interface Row {
  /** The names in the first cell, without their backquotes. */
  readonly feature: string
  readonly cells: readonly string[]
  readonly tests: readonly NamedTest[]
}

/** The rows of all tables of the document, without the heads. */
function readRows (): Row[] {
  const lines = readFileSync(join(ROOT, DOCUMENT), 'utf8').split('\n').filter(line => line.startsWith('|'))
  return lines.filter(line => !line.startsWith('| |') && !line.startsWith('| ---')).map(line => {
    const cells = line.split('|').slice(1, -1).map(cell => cell.trim())
    return { feature: (cells[0] ?? '').replaceAll('`', ''), cells, tests: namedTests(cells[3] ?? '') }
  })
}

/** What the sources of the real packages name, each once. */
function namesIn (files: readonly string[], pattern: RegExp): string[] {
  const sources = files.map(file => readFileSync(join(ROOT, 'node_modules', file), 'utf8'))
  const names = [...new Set(sources.flatMap(source => [...source.matchAll(pattern)].map(([, name = '']) => name)))]
  // A pattern that fits nothing would pass over everything.
  expect(names).not.toEqual([])
  return names
}

const VERSION_2 = ['index', 'publish', 'register', 'service', 'utils'].map(name => `feathers-distributed-2/lib/${name}.js`)
const VERSION_3 = ['feathers-distributed-3/dist/index.mjs']

describe('the feature table', () => {
  const rows = readRows()

  it('has four cells in each row and cites a test in the last', () => {
    expect(rows.length).toBeGreaterThan(0)
    expect(rows.filter(({ cells, tests }) => cells.length !== 4 || tests.length === 0)).toEqual([])
  })

  it('cites only files and tests that exist', () => {
    expect(rows.flatMap(({ tests }) => tests).filter(test => !isTest(test))).toEqual([])
  })

  it('has a row for every option of the plugin', () => {
    const options = Object.keys(PLUGIN_OPTIONS)
    expect(options).toContain('services')
    const features = rows.map(({ feature }) => feature)
    expect(options.filter(option => !features.includes(option))).toEqual([])
  })

  it.each([
    ['environment variable', [
      'COTE_LOG', 'BASE_PORT', 'HIGHEST_PORT', 'COTE_DELAY', 'PUBLICATION_DELAY', 'COMPONENT_DELAY',
      'HEARTBEAT_INTERVAL', 'COTE_ENV', 'COTE_MULTICAST_ADDRESS'
    ]],
    ['field', [
      'params.fromRemote', 'service.remote', 'service.key', 'service.remoteOptions', 'app.uuid', 'app.shortUuid',
      'app.distributionKey', 'app.distributionOptions', 'app.remoteApps', 'app.serviceRequesters',
      'app.serviceEventsPublisher'
    ]],
    ['event', ["app.on('service')", "app.on('service-removed')"]],
    ['function', ['initialize(app)', 'finalize(app)', 'app.use', 'app.unuse']]
  ])('has a row for every %s of feathers-distributed', (_kind, names) => {
    const features = rows.flatMap(({ feature }) => feature.split(', '))
    expect(names.filter(name => !features.includes(name))).toEqual([])
  })

  it.each<[string, readonly string[], RegExp]>([
    ['option that version 2 reads', VERSION_2, /\bdistributionOptions\.(\w+)/g],
    ['option that version 3 reads', VERSION_3, /\bdistributionOptions\.(\w+)/g],
    ['option that version 2 reads before it applies the defaults', VERSION_2.slice(0, 1), /\boptions\.(\w+)/g],
    ['environment variable that version 2 reads', VERSION_2, /\bprocess\.env\.(\w+)/g]
  ])('has a row for every %s', (_what, files, pattern) => {
    const features = rows.flatMap(({ feature }) => feature.split(', '))
    expect(namesIn(files, pattern).filter(name => !features.includes(name))).toEqual([])
  })

  it('has a row for every event that version 2 emits on the app', () => {
    const features = rows.flatMap(({ feature }) => feature.split(', '))
    const events = namesIn(VERSION_2, /\bapp\.emit\('([\w-]+)'/g)
    expect(events.filter(event => !features.includes(`app.on('${event}')`))).toEqual([])
  })

  it('explains every name that version 2 adds to an app', () => {
    const text = readFileSync(join(ROOT, DOCUMENT), 'utf8')
    const names = namesIn(VERSION_2, /\bapp\.(\w+) = /g).filter(name => !/(Timeout|Interval)$/.test(name))
    expect(names.filter(name => !text.includes(`\`${name}\``) && !text.includes(`\`app.${name}\``))).toEqual([])
  })
})
