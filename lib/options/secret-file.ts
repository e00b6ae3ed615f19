import { readFileSync, statSync } from 'node:fs'
import { ConfigurationError } from '../errors'
import { secretFaults } from '../transport/cote/security/secret/key-ring'
import type { Variable } from '../option-table/variable'

/** Bytes of a file of secrets; anything longer is another file. */
const MAX_FILE_BYTES = 65_536

/** The file that `MESH_SECRET_FILE` names: one secret in each line, the first is used and all are accepted. */
export class SecretFile {
  /** What the file held when it was last right. */
  #secrets: readonly string[] | undefined
  #complaint = ''

  constructor (private readonly path: string) {}

  /**
   * The secrets in the file. Once it was right it may be wrong for a while, as when it is being replaced: then the
   * secrets stay as they were, and one warning tells why.
   *
   * @throws {@link ConfigurationError} when it is wrong from the start
   */
  read (): readonly string[] {
    const name = `MESH_SECRET_FILE (${this.path})`
    const { secrets, faults } = readSecrets(this.path, name)
    if (faults.length === 0) {
      this.#complaint = ''
      this.#secrets = secrets
      return secrets
    }
    if (this.#secrets === undefined) throw new ConfigurationError(faults)
    this.#complain(faults.join('; '))
    return this.#secrets
  }

  #complain (complaint: string): void {
    if (complaint === this.#complaint) return
    this.#complaint = complaint
    process.emitWarning(`feathers-mesh keeps the secret that it had: ${complaint}`)
  }
}

function readSecrets (path: string, name: string): { secrets: readonly string[], faults: readonly string[] } {
  const wrong = (fault: string) => ({ secrets: [], faults: [`${name} ${fault}`] })
  if (path === '') {
    return { secrets: [], faults: ['MESH_SECRET_FILE is empty; give it the path of a file, or unset it'] }
  }
  try {
    const stats = statSync(path)
    // To read a pipe may take for ever.
    if (!stats.isFile()) return wrong('is no regular file')
    if (stats.size > MAX_FILE_BYTES) return wrong(`has more than ${MAX_FILE_BYTES} bytes; it holds one secret in each line`)
    const lines = readFileSync(path, 'utf8').replace(/^\uFEFF/, '').split(/\r?\n/)
    const secrets = lines.filter(line => line.trim() !== '')
    if (secrets.length === 0) return wrong('is empty; write a secret into it, in a line of its own')
    return { secrets, faults: secretFaults(secrets, name) }
  } catch (error) {
    return wrong(`can't be read (${codeOf(error)})`)
  }
}

function codeOf (error: unknown): string {
  return String(Reflect.get(Object(error), 'code') ?? error)
}

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
