import type { Variable } from '../option-table/variable'
import { SecretFile } from './secret-file'

/** The variable that holds a secret. An empty one is no secret, and not to be taken for none. */
export const secretVariable: Variable = { name: 'MESH_SECRET', read: environment => environment.MESH_SECRET }

/** The variable that names a file with secrets: its option is a function that reads the file. */
export const secretFileVariable: Variable = {
  name: 'MESH_SECRET_FILE',
  read: ({ MESH_SECRET_FILE: path }) => {
    if (path === undefined) return undefined
    const file = new SecretFile(path)
    return () => file.read()
  }
}
