import type { Contract } from '../../contract/contract'
import type { MeshObserver } from '../../inspection/observer/observer'
import { WrongUsage, type Asked } from '../arguments'
import { listen } from '../connect'
import { changesOf, CHANGES, isBreaking } from '../contracts/changes'
import { contractsOfFile, contractsOfModule, sorted, type Load } from '../contracts/sources'
import type { Output } from '../output'

/** Where contracts come from. */
export interface ContractTerms {
  readonly output: Output
  readonly load: Load
  /** Joins the mesh, and leaves it after that. */
  readonly observe: <T>(action: (observer: MeshObserver) => Promise<T>) => Promise<T>
}

/**
 * Exports contracts, or compares them with those of a file. Returns whether there are any, or whether none breaks
 * callers.
 *
 * @throws {@link WrongUsage}
 */
export async function showContracts (
  { words: [action, file], values: { module } }: Asked, terms: ContractTerms
): Promise<boolean> {
  const { output } = terms
  if (action === 'export' && file === undefined) {
    const contracts = await read(module, terms)
    output.json({ contracts })
    return contracts.length > 0
  }
  if (action !== 'diff' || file === undefined) {
    throw new WrongUsage('say contracts export, or contracts diff and the file that an export wrote')
  }
  const before = contractsOfFile(file)
  return showChanges(before, await read(module, terms), output)
}

async function read (module: string | undefined, { load, observe }: ContractTerms): Promise<Contract[]> {
  if (module !== undefined) return await contractsOfModule(module, load)
  return await observe(async observer => {
    await listen(observer)
    // Without a node nothing is known, and that is not the same as services that were removed.
    if (observer.nodes.length === 0) {
      throw new WrongUsage('no node was heard within a second, so its contracts are not known; start the mesh, ' +
        'name it (--discovery, --environment, MESH_SECRET), or give --module dist/services.js')
    }
    return sorted(observer.nodes.flatMap(({ contracts }) => contracts))
  })
}

function showChanges (before: readonly Contract[], after: readonly Contract[], output: Output): boolean {
  const changes = changesOf(before, after)
  const breaking = changes.filter(isBreaking).length
  if (output.isJson) {
    output.json({ breaking, changes: changes.map(change => ({ ...change, category: CHANGES[change.code] })) })
  }
  for (const { code, path, text } of changes) output.line(`${CHANGES[code]}  ${code}  ${path}: ${text}`)
  output.line(`${changes.length} ${changes.length === 1 ? 'change' : 'changes'}, ${breaking} of them breaking`)
  return breaking === 0
}
