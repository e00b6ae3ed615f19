import type { DistributedModuleOptions, DistributionOptions } from 'feathers-mesh'
import { resolveModule } from '../../lib/options/resolve-module'
import { resolvePlugin } from '../../lib/options/resolve-plugin'

const OPEN = { listen: '0.0.0.0', insecure: true }

function policyOf (options: DistributedModuleOptions): unknown {
  const { resolved, faults } = resolveModule(options, {})
  expect(faults).toEqual([])
  return resolved?.settings().inspect
}

function isOnForPlugin (options: DistributionOptions): boolean | undefined {
  return resolvePlugin(options, {}).resolved?.settings().inspect.isOn
}

describe('the option inspect', () => {
  it('is true on a mesh that stays on this machine, and with a secret', () => {
    expect(policyOf({})).toEqual({ isOn: true, keys: undefined, payloads: false })
    expect(policyOf({ listen: '0.0.0.0', secret: 'sixteen characters' })).toMatchObject({ isOn: true })
  })

  it('is false on a node that is open to its network, unless it is given', () => {
    expect(policyOf(OPEN)).toMatchObject({ isOn: false })
    expect(policyOf({ ...OPEN, inspect: ['ops'] })).toMatchObject({ isOn: true, keys: ['ops'] })
  })

  it('is false for the plugin', () => {
    expect([isOnForPlugin({}), isOnForPlugin({ secret: 'sixteen characters' }), isOnForPlugin({ inspect: true })])
      .toEqual([false, false, true])
  })

  it('takes keys, alone or with whether taps tell payloads', () => {
    expect(policyOf({ inspect: false })).toMatchObject({ isOn: false })
    expect(policyOf({ inspect: { payloads: true } })).toEqual({ isOn: true, keys: undefined, payloads: true })
    expect(policyOf({ inspect: { keys: ['ops'] } })).toEqual({ isOn: true, keys: ['ops'], payloads: false })
  })

  it.each([[['']], [{ key: 'ops' }], [{ keys: 'ops' }], [{ payloads: 1 }], ['ops']])('refuses %j', inspect => {
    // What the compiler does not let through.
    expect(resolveModule({ inspect } as unknown as DistributedModuleOptions, {}).faults.join())
      .toContain("option 'inspect' is wrong: inspect must be true, false, a list of keys, or { keys, payloads }")
  })
})
