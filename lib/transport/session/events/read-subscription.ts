import { MAX_GROUP_BYTES, MAX_GROUPS, MAX_GROUPS_OF_EVENT } from '../../../contract/contract-bounds'
import { NameCounts } from '../../../collections/name-counts'
import { fieldsOf, isText, listField } from '../../../record'
import type { EventGroup } from '../../event-groups'
import { MalformedMessage } from '../../transport'

/** How many paths a peer may subscribe to, and their characters in all: their names are kept. */
const MAX_PATHS = 10_000
const MAX_PATHS_LENGTH = 500_000

/** The bytes of the names of a peer's groups in all, with those of their paths and events. */
const MAX_GROUPS_BYTES = 1_000_000

/** What a peer wants to hear. */
export interface WantedEvents {
  /** The paths of which it wants all events. */
  readonly plain: ReadonlySet<string>
  /** These, and those of its groups. */
  readonly paths: ReadonlySet<string>
  readonly groups: readonly EventGroup[]
}

/**
 * Reads what a peer sent when it subscribed: anything may have been sent.
 *
 * @param sent - the paths
 * @param params - what it sent beside them
 * @throws {@link MalformedMessage} for more than a peer may have
 */
export function readSubscription (sent: unknown, params: unknown): WantedEvents {
  const plain = readPaths(sent)
  const list = listField(fieldsOf(params), 'groups')
  if (list === undefined || list.length === 0) return { plain, paths: plain, groups: [] }
  const groups = readGroups(list)
  const paths = new Set(plain)
  for (const { path } of groups) paths.add(path)
  if (paths.size > MAX_PATHS) throw new MalformedMessage(`more than ${MAX_PATHS} paths`)
  return { plain, paths, groups }
}

/** The paths in what a peer sent, each once. */
function readPaths (sent: unknown): ReadonlySet<string> {
  const paths = new Set<string>()
  if (!Array.isArray(sent)) return paths
  if (sent.length > MAX_PATHS) throw new MalformedMessage(`more than ${MAX_PATHS} paths`)
  let length = 0
  for (const path of sent) {
    if (typeof path !== 'string') continue
    length += path.length
    if (length > MAX_PATHS_LENGTH) throw new MalformedMessage(`paths of more than ${MAX_PATHS_LENGTH} characters`)
    paths.add(path)
  }
  return paths
}

/** The groups in what a peer sent, each once. Without a name, a path and an event it is none. */
function readGroups (sent: readonly unknown[]): EventGroup[] {
  if (sent.length > MAX_GROUPS) throw new MalformedMessage(`more than ${MAX_GROUPS} groups`)
  const groups = new Map<string, EventGroup>()
  let bytes = 0
  for (const each of sent) {
    const [path, event, group]: unknown[] = Array.isArray(each) ? each : []
    if (!isText(path) || !isText(event) || !isText(group)) continue
    const ofName = Buffer.byteLength(group)
    if (ofName > MAX_GROUP_BYTES) throw new MalformedMessage(`a group with a name of more than ${MAX_GROUP_BYTES} bytes`)
    bytes += Buffer.byteLength(path) + Buffer.byteLength(event) + ofName
    if (bytes > MAX_GROUPS_BYTES) throw new MalformedMessage(`groups of more than ${MAX_GROUPS_BYTES} bytes`)
    groups.set(JSON.stringify([path, event, group]), { path, event, group })
  }
  checkEvents(groups.values())
  return [...groups.values()]
}

/** With each event, a member is chosen for each of its groups. */
function checkEvents (groups: Iterable<EventGroup>): void {
  const counts = new NameCounts()
  for (const { path, event } of groups) {
    const name = JSON.stringify([path, event])
    counts.add([name])
    if (counts.of(name) > MAX_GROUPS_OF_EVENT) {
      throw new MalformedMessage(`more than ${MAX_GROUPS_OF_EVENT} groups of an event`)
    }
  }
}
