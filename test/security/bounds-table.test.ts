import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { DistributedModule } from 'feathers-mesh'
import { resolveModule } from '../../lib/options/resolve-module'
import { resolveOptions } from '../../lib/transport/cote/resolve-options'

const ROOT = join(__dirname, '../..')

/** Constants that are no bounds of what others can make a node do or keep. Another one needs a reason as well. */
const NO_BOUNDS: Readonly<Record<string, string>> = {
  'lib/cli/doctor/finding.ts:MAX_SEEN': 'how a finding is written',
  'lib/cli/doctor/sight-checks.ts:MAX_CLOCK_OFFSET_MS': 'how exact clocks are',
  'lib/cli/run.ts:MAX_ERROR_LENGTH': 'how a line is written',
  'lib/clock.ts:MAX_TIME': 'what a Date can express',
  'lib/contract/contract-bounds.ts:MAX_SHARED_ITEMS': 'how memory is estimated',
  'lib/contract/method-policy.ts:MAX_TIMER_MS': 'what timers of Node.js take',
  'lib/contract/nearest-name.ts:MAX_DISTANCE': 'how alike two names are',
  'lib/feathers/node-inspection.ts:MAX_TOLD_PEERS': 'what this node sends',
  'lib/feathers/routes/adapter-routes.ts:MAX_DEPTH': 'routers of this app',
  'lib/feathers/showing/client-error.ts:MAX_DATA': 'how a line is written',
  'lib/feathers/showing/client-error.ts:MAX_MESSAGE': 'how a line is written',
  'lib/inspection/shown-options.ts:MAX_SHOWN_DEPTH': 'options of this node',
  'lib/inspection/shown-options.ts:MAX_SHOWN_ITEMS': 'options of this node',
  'lib/log.ts:MAX_REMEMBERED': 'warnings of this node',
  'lib/log.ts:MAX_SUFFIX': 'how a line is written',
  'lib/log.ts:MAX_TEXT': 'how a line is written; MAX_LINE is the bound',
  'lib/module/listen-class.ts:MAX_REASON': 'how a line is written',
  'lib/option-table/kinds.ts:MAX_PORT': 'what TCP has',
  'lib/option-table/snapshot.ts:MAX_NAMED': 'options of this node',
  'lib/options/listen.ts:MAX_HOST_NAME': 'what DNS has',
  'lib/options/option-kinds.ts:MAX_NAME_LENGTH': 'an option of this node',
  'lib/options/placement.ts:MAX_WARNED': 'services of this node',
  'lib/options/secret-file.ts:MAX_FILE_BYTES': 'a file of this node',
  'lib/options/transports/transport-choice.ts:MAX_TRANSPORTS': 'an option of this node',
  'lib/registry/notices.ts:MAX_TEXT': 'how a line is written',
  'lib/remote/call/shed-calls.ts:MAX_PAUSE_MS': 'a pause of this node',
  'lib/remote/class-remotes.ts:MAX_FAULT': 'how a line is written',
  'lib/remote/durable-listeners.ts:MAX_REASON': 'how a line is written',
  'lib/remote/expected-contracts.ts:MAX_DIFFERENCE': 'how a line is written',
  'lib/remote/remote-events.ts:MAX_REASON': 'how a line is written',
  'lib/telemetry/safe-tracer.ts:MAX_REASON': 'how a line is written',
  'lib/testing/conformance/backpressure.ts:MAX_LOADS': 'a test',
  'lib/transport/cote/cote-options.ts:MAX_NAME_BYTES': 'an option of this node',
  'lib/transport/cote/cote-options.ts:MAX_ADVERTISED': 'an option of this node',
  'lib/transport/cote/discovery/places/candidate.ts:MAX_ANSWER_MS': 'how long this node waits',
  'lib/transport/cote/discovery/places/candidate.ts:MAX_PAUSE_MS': 'a pause of this node',
  'lib/transport/cote/discovery/places/hello-link.ts:MAX_PACKET_BYTES': 'what this node sends',
  'lib/transport/cote/discovery/ways/dns-look.ts:MAX_POLL_MS': 'a pause of this node',
  'lib/transport/cote/discovery/hello.ts:MAX_KEY_LENGTH': 'two names of MAX_NAME_LENGTH, as cote writes them',
  'lib/transport/cote/discovery/ways/redis-medium.ts:MAX_PACKET_BYTES': 'what this node sends',
  'lib/transport/cote/discovery/ways/redis-medium.ts:MAX_RETRY_MS': 'a pause of this node',
  'lib/transport/cote/discovery/ways/udp-way.ts:MAX_PACKET_BYTES': 'what UDP carries',
  'lib/transport/cote/inbound/responder.ts:MAX_TOLD_NAME': 'what this node sends',
  'lib/transport/cote/legacy/inquiry.ts:MAX_PAUSE_MS': 'a pause of this node',
  'lib/transport/cote/outbound/peer-reach.ts:MAX_SILENCE_MS': 'how long this node waits',
  'lib/transport/cote/outbound/places.ts:MAX_PAUSE_MS': 'a pause of this node',
  'lib/transport/cote/security/hellos/stamp.ts:MAX_PLAIN_NAME': 'how a name is remembered',
  'lib/transport/durable/attempt.ts:MAX_PAUSE_MS': 'a pause of this node',
  'lib/transport/durable/attempt.ts:MAX_REASON': 'how a reason is written',
  'lib/transport/memory/memory-events.ts:MAX_DEAD_LETTERS': 'a mesh of one process',
  'lib/transport/memory/memory-events.ts:MAX_KEPT_EVENTS': 'a mesh of one process',
  'lib/transport/nats/inflow.ts:MAX_WAIT_MS': 'a pause of this node',
  'lib/transport/nats/durable/durable-options.ts:MAX_AGE_MS': 'an option of this node',
  'lib/transport/nats/durable/durable-options.ts:MAX_REPLICAS': 'an option of this node',
  'lib/transport/nats/durable/group-consumer.ts:MAX_BATCH': 'what this node asks for',
  'lib/transport/nats/durable/group-consumer.ts:MAX_RECENT': 'events that this node handled',
  'lib/transport/nats/durable/store-members.ts:MAX_READABLE': 'how a name is written',
  'lib/transport/nats/durable/group-names.ts:MAX_DESCRIPTION': 'what NATS takes',
  'lib/transport/nats/durable/streams.ts:MAX_UNDER_WAY': 'what this node asks for',
  'lib/transport/secrets/refreshed.ts:MAX_COMPLAINTS': 'a function of this node',
  'lib/transport/secrets/key-ring.ts:MAX_SECRETS': 'an option of this node',
  'lib/transport/cote/wire/connection.ts:MAX_BATCH': 'what is read between two turns',
  'lib/transport/cote/wire/digits.ts:MAX_DIGITS': 'how numbers are written',
  'lib/transport/cote/wire/frame-writer.ts:MAX_ASCII': 'how text is written',
  'lib/transport/cote/wire/frame-writer.ts:MAX_BYTES_PER_UNIT': 'how text is written',
  'lib/transport/cote/wire/waiting-bytes.ts:MAX_BUFFER': 'how waiting bytes are kept',
  'lib/transport/nats/message-text.ts:MAX_DIGITS': 'how numbers are written',
  'lib/transport/nats/events/event-publisher.ts:MAX_BATCH': 'what this node sends',
  'lib/transport/nats/events/event-publisher.ts:MAX_WHOLE': 'what this node sends',
  'lib/transport/nats/nats-node.ts:MAX_CHARACTER_BYTES': 'how text is written',
  'lib/transport/nats/sealing/introductions.ts:MAX_NAMES': 'paths and events of this node',
  'lib/transport/nats/options/nats-servers.ts:MAX_PORT': 'what TCP has',
  'lib/transport/nats/outbox.ts:MAX_BATCH': 'what this node sends',
  'lib/transport/nats/outbox.ts:MAX_WHOLE': 'what this node sends',
  'lib/transport/nats/outbox.ts:MAX_REMEMBERED': 'what this node sends',
  'lib/transport/nats/subjects.ts:MAX_TOKEN_BYTES': 'how a name is written',
  'lib/transport/nats/watch.ts:MAX_PROBES_AT_ONCE': 'what this node sends',
  'lib/transport/messages/message-size.ts:MAX_BYTES_PER_UNIT': 'how text is written',
  'lib/transport/rejections.ts:MAX_TEXT': 'how a line is written',
  'lib/transport/session/backoff.ts:MAX_PAUSE_MS': 'a pause of this node',
  'lib/transport/session/clocks/clock-alarm.ts:MAX_MOVE_MS': 'how exact two clocks of this node are',
  'lib/transport/session/clocks/peer-clock.ts:MAX_DRIFT': 'how exact clocks are',
  'lib/transport/session/contracts/ask-pace.ts:MAX_PAUSE_MS': 'a pause of this node',
  'lib/remote/balancing/unproven-replicas.ts:MAX_ASKED': 'whom this node asks',
  'lib/transport/session/contracts/open-questions.ts:MAX_HELPERS_ASKED': 'whom this node asks',
  'lib/transport/session/contracts/open-questions.ts:MAX_OWNERS_ASKED': 'whom this node asks',
  'lib/transport/session/contracts/open-questions.ts:MAX_PATIENCE_MS': 'a pause of this node',
  'lib/transport/session/contracts/wanted-list.ts:MAX_HELPERS': 'whom this node asks',
  'lib/transport/values/codecs/arrays.ts:MAX_DENSE_LENGTH': 'how an array is made',
  'lib/transport/values/codecs/errors.ts:MAX_CLASSES': 'what this node sends',
  'lib/transport/values/encoder.ts:MAX_JSON_DEPTH': 'what this node sends',
  'lib/transport/values/plain-json.ts:MAX_DEPTH': 'how a value is written',
  'lib/transport/values/plain-json.ts:MAX_LISTED': 'how objects are compared',
  'lib/user-function.ts:MAX_REASON': 'how a line is written',
  'lib/validation/data-shape.ts:MAX_DEPTH': 'classes of this node'
}

/** Options that end connections of this node's own, or forget nodes that are gone. */
const NO_BOUND_OPTIONS = ['nodeTimeout', 'connectTimeout', 'idleTimeout']

interface Row {
  readonly bound: string
  readonly unit: string
  readonly figure: string
  /** An option, or the file and the name of a constant. */
  readonly source: string
  readonly counters: string
  readonly test: string
}

function readRows (): Row[] {
  const lines = readFileSync(join(ROOT, 'SECURITY.md'), 'utf8').split('\n')
  const start = lines.findIndex(line => line.startsWith('| bound'))
  return lines.slice(start + 2, lines.indexOf('', start)).map(line => {
    const cells = line.split('|').slice(1, -1).map(cell => cell.trim().replaceAll('`', ''))
    const [bound = '', unit = '', figure = '', source = '', counters = '', test = ''] = cells
    return { bound, unit, figure, source, counters, test }
  })
}

/** All `MAX_…` constants of the code with their figures, by file and name. */
function readConstants (): Map<string, number> {
  const found = new Map<string, number>()
  for (const file of readdirSync(join(ROOT, 'lib'), { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.ts')) continue
    const text = readFileSync(join(ROOT, 'lib', file), 'utf8')
    for (const [, name = '', formula = ''] of text.matchAll(/^\s*(?:export )?const (MAX_\w+)(?:: \w+)? = (.+)$/gm)) {
      found.set(`lib/${file.replaceAll('\\', '/')}:${name}`, figureOf(formula))
    }
  }
  return found
}

/** The value of a formula of whole numbers: `2 ** 31 - 1`, `64 * 1024`, `0x7f`. */
function figureOf (formula: string): number {
  const [value = NaN, ...rest] = formula.replaceAll('_', '').split(/ ([-+]) /).map(part =>
    part === '+' || part === '-' ? part : part.split(' * ').reduce((product, factor) => product * powerOf(factor), 1))
  let total = Number(value)
  for (let n = 0; n < rest.length; n += 2) total += rest[n] === '-' ? -Number(rest[n + 1]) : Number(rest[n + 1])
  return total
}

function powerOf (factor: string): number {
  return factor.split(' ** ').map(Number).reduceRight((exponent, base) => base ** exponent)
}

describe('the bounds in SECURITY.md', () => {
  const rows = readRows()
  const constants = readConstants()
  const isConstant = ({ source }: Row): boolean => source.startsWith('lib/')

  it('have a unit, a test, and a row of their own', () => {
    expect(rows.length).toBeGreaterThan(30)
    expect(rows.filter(({ bound, unit, test }) => bound === '' || unit === '' || !test.startsWith('test/'))).toEqual([])
    const sources = rows.map(({ source }) => source)
    expect(sources.filter((source, n) => sources.indexOf(source) !== n)).toEqual([])
  })

  it('name existing options with their defaults', () => {
    const ofNode = resolveModule({}).resolved?.options
    const defaults = { ...ofNode, ...resolveOptions({}) } as unknown as Readonly<Record<string, unknown>>
    const named = rows.filter(row => !isConstant(row)).map(({ source, figure }) => [source, figure])
    expect(named).toEqual(named.map(([source = '']) => [source, String(defaults[source.replace('cote.', '')])]))
  })

  it('include every bound that is an option', () => {
    const names = (options: object, prefix = ''): string[] => Object.keys(options)
      .filter(name => /^max|Timeout$/.test(name) && !NO_BOUND_OPTIONS.includes(name)).map(name => prefix + name)
    const ofNode = names(resolveModule({}).resolved?.options ?? {}).filter(name => name.startsWith('max'))
    const all = [...ofNode, ...names(resolveOptions({}), 'cote.')]
    expect(all.filter(name => rows.every(({ source }) => source !== name))).toEqual([])
  })

  it('include every constant of the code with its figure', () => {
    const expected = [...constants].filter(([place]) => NO_BOUNDS[place] === undefined)
      .map(([place, figure]) => `${place} = ${figure}`)
    const listed = rows.filter(isConstant).map(({ source, figure }) => `${source} = ${figure}`)
    expect(listed.sort()).toEqual(expected.sort())
  })

  it('leave out no constant that is gone', () => {
    expect(Object.keys(NO_BOUNDS).filter(place => !constants.has(place))).toEqual([])
  })

  it('name existing counters, or tell why there is none', () => {
    const counters = Object.keys(DistributedModule.forRoot().counters())
    for (const { counters: named } of rows) {
      if (!/^(none|all): /.test(named)) expect(counters).toEqual(expect.arrayContaining(named.split(', ')))
    }
  })
})
