'use strict'

/**
 * Which test files need what, by their paths below test/; a file that nothing here matches is a unit test.
 * test/lint/suites.test.ts holds this against what the files do.
 */
module.exports = {
  /** They start programs of the build, or look into it. */
  build: [
    '^(chaos|docs|interop|package|processes|realapps|samples)/',
    '^security/(bounds-memory|contents-fuzz|fuzz|lockout|odd-errors|old-nodes|raw-clients)\\.test\\.ts$',
    '^transport/cote/(fuzz|hostile)\\.test\\.ts$',
    '^transport/nats/(leaving|nats-faults)\\.test\\.ts$',
    '^ten-nodes\\.test\\.ts$'
  ],
  /** They need the build, and much of the machine: they run behind all others, one for each core at a time. */
  heavy: ['^interop/(replicas|migrating|events|calls|socket-clients|first-release)\\.test\\.ts$'],
  /** Those that take longest, the slowest first, without their endings: they start before all others of their run. */
  slowest: [
    'interop/comings-and-goings', 'interop/first-release', 'chaos/partition', 'chaos/cut-off', 'chaos/replicas',
    'chaos/history', 'security/bounds-memory', 'security/lockout', 'package/copies', 'cli/doctor', 'processes/replicas',
    'chaos/ways', 'transport/pipe/pipe-transport', 'processes/stop-on-signals', 'chaos/pods', 'samples/todos',
    'processes/notes', 'transport/nats/nats-conformance', 'interop/clocks-of-hellos', 'processes/gateways',
    'processes/moving', 'transport/several/several-conformance', 'transport/nats/pieces/large-messages',
    'samples/watching', 'docs/readme-runs', 'processes/clocks', 'samples/rolling-restart', 'transport/cote/fuzz',
    'validation/rules/work', 'transport/conformance', 'parity/parity'
  ]
}
