import type { DistributedModuleOptions } from 'feathers-mesh'
import { resolveModule } from '../../lib/options/resolve-module'
import { resolvePlugin } from '../../lib/options/resolve-plugin'

const provider = { getTracer: () => ({}), getMeter: () => ({}) }

function isTraced (options: DistributedModuleOptions): boolean {
  const { resolved, faults } = resolveModule(options, {})
  expect(faults).toEqual([])
  return resolved?.settings().makeTracer !== undefined
}

describe('the option telemetry', () => {
  it('is off unless it is given, also for the plugin', () => {
    expect([isTraced({}), isTraced({ telemetry: false }), isTraced({ telemetry: true })]).toEqual([false, false, true])
    expect(resolvePlugin({}, {}).resolved?.settings().makeTracer).toBeUndefined()
    expect(resolvePlugin({ telemetry: true }, {}).resolved?.settings().makeTracer).toBeDefined()
  })

  it('takes providers of an SDK, and what baggage may do', () => {
    expect(isTraced({ telemetry: { tracerProvider: provider, meterProvider: provider, baggage: true } })).toBe(true)
  })

  it.each([[1], [{ tracerProvider: {} }], [{ baggage: 'yes' }], [{ spans: true }]])('refuses %j', telemetry => {
    // What the compiler does not let through.
    expect(resolveModule({ telemetry } as unknown as DistributedModuleOptions, {}).faults.join())
      .toContain("option 'telemetry' is wrong: telemetry must be true, false, or { tracerProvider,")
  })
})
