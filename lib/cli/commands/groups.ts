import type { MeshObserver } from '../../inspection/observer/observer'
import type { Output } from '../output'

/**
 * Lists the groups that durable events are kept for, those first that are furthest behind.
 *
 * @returns whether there is any
 * @throws {@link ConfigurationError} where the transport keeps no events
 */
export async function showGroups (observer: MeshObserver, output: Output): Promise<boolean> {
  const groups = [...await observer.durableGroups()].sort((one, other) => other.waiting - one.waiting)
  if (output.isJson) output.json({ groups })
  else if (groups.length === 0) output.line('there are no durable groups')
  output.table(['GROUP', 'EVENT', 'WAITING', 'UNDER WAY'], groups.map(({ group, path, event, waiting, underWay }) => [
    group, `${path} ${event}`, String(waiting), String(underWay)
  ]))
  return groups.length > 0
}
