import { MissingHook, type ConformanceHooks, type HookName } from './conformance-hooks'
import { Nodes, type MakeTransport } from './conformance-nodes'
import { backpressureTests } from './conformance/backpressure'
import { cancellationTests } from './conformance/cancellation'
import { clockTests } from './conformance/clocks'
import { deadlineTests } from './conformance/deadlines'
import { drainTests } from './conformance/drain'
import { eventTests } from './conformance/events'
import { gapTests } from './conformance/gaps'
import { groupTests } from './conformance/groups'
import { hostilePeerTests } from './conformance/hostile-peers'
import { inspectionTests } from './conformance/inspection'
import { largeValueTests } from './conformance/large-values'
import { meetingTests } from './conformance/meeting'
import type { NamedTest } from './conformance/named-test'
import { replyTests } from './conformance/replies'
import { requestTests } from './conformance/requests'

const GROUPS = {
  meeting: meetingTests,
  requests: requestTests,
  replies: replyTests,
  events: eventTests,
  cancellation: cancellationTests,
  deadlines: deadlineTests,
  clocks: clockTests,
  gaps: gapTests,
  groups: groupTests,
  drain: drainTests,
  backpressure: backpressureTests,
  'large values': largeValueTests,
  'hostile peers': hostilePeerTests,
  inspection: inspectionTests
} as const satisfies Record<string, readonly NamedTest[]>

/** What a conformance test is about. */
export type ConformanceGroup = keyof typeof GROUPS

/** One thing that every transport does. */
export interface ConformanceTest {
  /** The group and a sentence: `drain: a node that leaves says goodbye`. */
  readonly name: string
  readonly group: ConformanceGroup
  /** The hooks that it needs: without them, skip it. */
  readonly needs: readonly HookName[]
  /**
   * Runs the test in a mesh of its own.
   *
   * @param makeTransport - makes a transport for one more node of a mesh without other nodes
   * @param hooks - what can be done to that mesh
   * @throws an AssertionError when the transport does not do it, and {@link MissingHook} when a hook is missing
   */
  readonly run: (makeTransport: MakeTransport, hooks?: Partial<ConformanceHooks>) => Promise<void>
}

function conformanceTest (group: ConformanceGroup, [sentence, test, needs = []]: NamedTest): ConformanceTest {
  return {
    name: `${group}: ${sentence}`,
    group,
    needs,
    async run (makeTransport, hooks = {}) {
      for (const need of needs) if (hooks[need] === undefined) throw new MissingHook(need)
      const nodes = new Nodes(makeTransport, hooks)
      try {
        await test(nodes)
      } finally {
        await nodes.stop()
      }
    }
  }
}

// The keys of GROUPS are what its type says: nobody adds to it.
const tests = (Object.keys(GROUPS) as ConformanceGroup[])
  .flatMap(group => GROUPS[group].map(test => conformanceTest(group, test)))

/** What every transport does, as tests for any framework. They need nothing but transports. */
export const transportConformance: readonly ConformanceTest[] = tests.filter(({ needs }) => needs.length === 0)

/**
 * What every transport does when its network fails, a peer reads nothing or strangers talk to it. Each test needs
 * hooks by which the author of the transport brings that about.
 */
export const faultConformance: readonly ConformanceTest[] = tests.filter(({ needs }) => needs.length > 0)
