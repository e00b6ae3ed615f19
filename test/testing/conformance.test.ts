import { MemoryNetwork } from 'feathers-mesh'
import { faultConformance, MissingHook, transportConformance, type HookName } from 'feathers-mesh/testing'
import { rejection } from '../until'

const HOOKS: HookName[] = ['cut', 'kill', 'deafen', 'inject', 'malformed', 'maxMessageSize']
const GROUPS = ['cancellation', 'deadlines', 'clocks', 'gaps', 'drain', 'backpressure', 'large values', 'hostile peers']
const all = [...transportConformance, ...faultConformance]

describe('the conformance suite', () => {
  it('names each test once, behind its group', () => {
    expect(new Set(all.map(({ name }) => name)).size).toBe(all.length)
    expect(all.filter(({ name, group }) => !name.startsWith(`${group}: `))).toEqual([])
  })

  it.each(GROUPS)('has tests of %s that need nothing but transports', wanted => {
    expect(transportConformance.filter(({ group }) => group === wanted).length).toBeGreaterThan(1)
  })

  it('uses each hook in some test', () => {
    const needed = new Set(faultConformance.flatMap(({ needs }) => needs))
    expect([...needed].sort()).toEqual([...HOOKS].sort())
    expect(transportConformance.filter(({ needs }) => needs.length > 0)).toEqual([])
  })

  it.each(faultConformance)('never lets "$name" pass without its hooks', async ({ run, needs }) => {
    const network = new MemoryNetwork()
    const error = await rejection<MissingHook>(run(() => network.transport()))
    expect(error).toBeInstanceOf(MissingHook)
    expect(needs).toContain(error.hook)
  })

  it.each(transportConformance)('fails "$name" for a transport that does nothing', async ({ run }) => {
    const nothing = new Error('this transport does nothing')
    const reject = (): never => { throw nothing }
    const idle = {
      start: async () => reject(),
      announce: reject,
      request: reject,
      cancel: reject,
      publish: reject,
      subscribe: reject,
      unsubscribe: reject,
      stop: async () => {}
    }
    await expect(run(() => idle)).rejects.toBe(nothing)
  })
})
