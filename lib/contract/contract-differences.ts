import { isStandardEvent, methodOf, SHAPED, type Contract, type MethodContract } from './contract'

/**
 * How a replica differs from what a class expects of it: one phrase each; empty when callers can use the replica. What
 * it offers beyond the class keeps nobody from calling, and is listed beside other differences only. A field that one
 * of them leaves out is no difference: nodes of feathers-distributed have no versions and no shapes.
 */
export function differences (expected: Contract, actual: Contract): string[] {
  // The settings of a node decide about the standard events; the class does not.
  const events = expected.events.filter(name => !isStandardEvent(name))
  const isSame = expected.hash !== undefined && expected.hash === actual.hash
  const found = [
    ...versionDifference(expected, actual),
    ...list('it has no method', namesOf(expected).filter(name => methodOf(actual, name) === undefined)),
    ...list('it has no event', events.filter(name => !actual.events.includes(name))),
    ...isSame ? [] : expected.methods.flatMap(method => shapeDifferences(method, actual))
  ]
  if (found.length === 0) return []
  return [
    ...found,
    ...list('it has also the method', namesOf(actual).filter(name => methodOf(expected, name) === undefined)),
    ...list('it has also the event', actual.events.filter(name => !isStandardEvent(name) && !events.includes(name)))
  ]
}

function namesOf ({ methods }: Contract): string[] {
  return methods.map(({ name }) => name)
}

function list (what: string, names: readonly string[]): string[] {
  return names.length === 0 ? [] : [`${what} ${names.join(', ')}`]
}

function versionDifference ({ version: expected }: Contract, { version: actual }: Contract): string[] {
  if (expected === undefined || actual === undefined || expected === actual) return []
  return [`it is version ${actual}, not ${expected}`]
}

function shapeDifferences ({ name, shapes: expected = {} }: MethodContract, contract: Contract): string[] {
  const actual = methodOf(contract, name)?.shapes ?? {}
  return SHAPED
    .filter(what => expected[what] !== undefined && actual[what] !== undefined && expected[what] !== actual[what])
    .map(what => what === 'result'
      ? `${name}() gives ${actual.result}, not ${expected.result}`
      : `the ${what} of ${name}() has another shape`)
}
