import type { Class } from '../decorators/metadata'
import { kindOfValue } from '../printable'
import { hasRules } from './class-types'
import { classValidator } from './packages/class-validator'

/** Values of a payload that rules are run on: a graph counts as the tree that rules see in it. */
const MAX_CHECKED = 10_000

/**
 * A payload for which an event names a class: an object, or a list of objects.
 *
 * @throws TypeError for anything else, which listeners would not expect
 */
export function fitting (payload: unknown): unknown {
  const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null
  const wrong = Array.isArray(payload) ? payload.find(item => !isObject(item)) : payload
  const isWrong = Array.isArray(payload) ? payload.some(item => !isObject(item)) : !isObject(payload)
  if (isWrong) throw new TypeError(`it is ${kindOfValue(wrong)}`)
  return payload
}

/**
 * What a listener may have read that no rule of the class of its payload speaks of; undefined where it is nothing.
 *
 * @param args - what it heard: what was sent and, last, the context
 */
export function argumentsFault (listener: { readonly length: number }, args: readonly unknown[]): string | undefined {
  // Events of lists are sent item by item; a class stands for an item.
  if (Array.isArray(args[0])) return 'is a list'
  if (args.length > 2) return 'came with further arguments'
  return listener.length > 1 ? 'came with a context that may be anything' : undefined
}

/**
 * Why a payload may be something else than its class says; undefined where the rules of the class accept it. Costs as
 * much as checking data, so it is asked only after a listener has thrown.
 */
export function ruleFault (type: Class<object>, payload: unknown): string | undefined {
  try {
    if (!hasAtMost(MAX_CHECKED, payload)) return 'is too large to check'
    if (!hasRules(type)) return 'is of a class without rules, so it may be anything'
    const { validateSync } = classValidator()
    const items: readonly object[] = [payload].flat().map(Object)
    if (items.every(item => item instanceof type && validateSync(item).length === 0)) return undefined
  } catch {
    // A rule throws, or what it reads.
  }
  return 'breaks the rules of its class'
}

/** Whether a value has at most so many values, counted as a tree. In a loop: it may be nested deeper than the stack. */
function hasAtMost (most: number, value: unknown): boolean {
  const open: unknown[] = [value]
  let left = most
  while (open.length > 0) {
    if (--left < 0) return false
    const next = open.pop()
    if (typeof next !== 'object' || next === null) continue
    for (const each of Object.values(next)) open.push(each)
    if (open.length > left) return false
  }
  return true
}
