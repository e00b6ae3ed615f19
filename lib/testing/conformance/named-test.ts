import type { HookName } from '../conformance-hooks'
import type { Nodes } from '../conformance-nodes'

/** A sentence that holds for every transport, the test that shows it, and the hooks without which it can't run. */
export type NamedTest = readonly [sentence: string, run: (nodes: Nodes) => Promise<void>, needs?: readonly HookName[]]
