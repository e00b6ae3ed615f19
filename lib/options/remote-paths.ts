import { pathFault, stripSlashes } from '../contract/path'
import { pathOf, type ClassOrPath } from '../decorators/remote-injection'
import { ConfigurationError } from '../errors'
import { withoutCredentials } from '../printable'

/** The paths of the services that a node needs, and what is wrong with those that have none. */
export interface RemotePaths {
  readonly paths: readonly string[]
  readonly faults: readonly string[]
}

/** The paths of classes and of paths as they are given. */
export function remotePaths (remotes: readonly ClassOrPath[] = []): RemotePaths {
  const paths: string[] = []
  const faults: string[] = []
  for (const remote of remotes) {
    try {
      paths.push(pathOf(remote))
    } catch (error) {
      if (!(error instanceof ConfigurationError)) throw error
      faults.push(...error.faults)
    }
  }
  return { paths, faults }
}

/** What is wrong with paths where no service can be: a caller would wait for one in vain. */
export function remoteFaults (remotes: readonly ClassOrPath[] = []): string[] {
  return remotes.flatMap(remote => {
    const fault = typeof remote === 'string' ? pathFault(stripSlashes(remote)) : undefined
    return fault === undefined
      ? []
      : [`option 'remotes' names '${withoutCredentials(String(remote))}', where no service can be on the mesh, as ${fault}`]
  })
}
