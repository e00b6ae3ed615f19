import { ConfigurationError, type CallOptions, type RemoteService } from 'feathers-mesh'
import { checkCallOptions, policyOf, type CallPolicy } from '../../../lib/remote/call/call-options'
import { ScriptedMesh } from '../scripted-transport'

const defaults: CallPolicy = {
  timeout: 1, attemptTimeout: 2, retries: 3, retryDelay: 4, waitForService: true, maxWaiting: 5
}

function faultsOf (options: unknown): readonly string[] {
  try {
    checkCallOptions('todos', options as CallOptions)
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigurationError)
    return (error as ConfigurationError).faults
  }
  return []
}

describe('the policy of a call', () => {
  it('is that of the node when the call has no options', () => {
    expect(policyOf(defaults, undefined, {})).toEqual(defaults)
    expect(policyOf(defaults, {}, { timeout: undefined, retries: undefined })).toEqual(defaults)
  })

  it('takes the timeout of the call before that of the method, and both before that of the node', () => {
    expect(policyOf(defaults, { timeout: 10 }, {}).timeout).toBe(10)
    expect(policyOf(defaults, { timeout: 10 }, { timeout: 100 }).timeout).toBe(100)
  })

  it('takes every option of the call, even 0 and false', () => {
    expect(policyOf(defaults, undefined, { retries: 0, attemptTimeout: 9, waitForService: false }))
      .toEqual({ ...defaults, retries: 0, attemptTimeout: 9, waitForService: false })
  })
})

describe('the options of remote.with()', () => {
  it('are accepted when they are valid', () => {
    const options = {
      timeout: 1, attemptTimeout: 0.5, retries: 0, waitForService: false, signal: AbortSignal.abort(), node: 'one',
      affinity: 'customer-7'
    }
    expect(checkCallOptions('todos', options)).toBe(options)
    expect(faultsOf({})).toEqual([])
    expect(faultsOf({ timeout: undefined, node: undefined, unheardOf: undefined })).toEqual([])
  })

  it.each<[string, unknown, string]>([
    ['timeout', 0, 'milliseconds above 0, at most 2147483647, not 0'],
    ['timeout', -1, 'milliseconds above 0, at most 2147483647, not -1'],
    ['timeout', NaN, 'milliseconds above 0, at most 2147483647, not NaN'],
    ['timeout', Infinity, 'milliseconds above 0, at most 2147483647, not Infinity'],
    ['timeout', '20', "milliseconds above 0, at most 2147483647, not '20'"],
    ['attemptTimeout', 2 ** 31, 'milliseconds above 0, at most 2147483647, not 2147483648'],
    ['retries', -1, 'a whole number from 0, not -1'],
    ['retries', 1.5, 'a whole number from 0, not 1.5'],
    ['waitForService', 'no', "true or false, not 'no'"],
    ['signal', new AbortController(), 'an AbortSignal, not AbortController'],
    ['node', '', "the id of a node, not ''"],
    ['node', null, 'the id of a node, not null'],
    ['affinity', 7, 'a text, not 7'],
    ['affinity', Object.create(null), 'a text, not [Object: null prototype] {}']
  ])('are refused when %s is %p', (name, value, expected) => {
    expect(faultsOf({ [name]: value })).toEqual([expect.stringContaining(`'todos' with({ ${name} }) must be ${expected}`)])
  })

  it('are refused with all faults at once, unknown options included', () => {
    expect(faultsOf({ timeout: 0, retries: -1, toString: 1, tiemout: 5 })).toEqual([
      expect.stringContaining('timeout'), expect.stringContaining('retries'),
      "'todos' with({ toString }): unknown option; there are: " +
        'timeout, attemptTimeout, retries, waitForService, signal, node, affinity',
      expect.stringContaining('tiemout')
    ])
  })

  it('are checked when with() is called, not at the first call', () => {
    const todos = new ScriptedMesh().remotes.get('todos') as RemoteService<object>
    expect(() => todos.with({ timeout: -1 })).toThrow(ConfigurationError)
  })
})
