import { readFileSync, statSync } from 'node:fs'
import { ConfigurationError } from '../errors'
import { propertiesOf, textField } from '../record'
import { secretFaults } from '../transport/secrets/key-ring'
import type { Variable } from '../option-table/variable'

const VARIABLE = 'MESH_SECRET_FILE'
/** Bytes of a file of secrets; anything longer is another file. */
const MAX_FILE_BYTES = 65_536

/** The secrets of a file, and what is wrong with it. */
interface ReadSecrets {
  readonly secrets: readonly string[]
  readonly faults: readonly string[]
}

/** The file that `MESH_SECRET_FILE` names: one secret in each line, the first is used and all are accepted. */
export class SecretFile {
  /** Whether the file was right before. */
  #isKnown = false

  constructor (private readonly path: string) {}

  /**
   * The secrets in the file. It may be wrong for a while, as when it is being replaced: who reads it goes on with those
   * that it had, and says why.
   *
   * @throws {@link ConfigurationError} when it is wrong
   */
  read (): readonly string[] {
    const { secrets, faults } = readSecrets(this.path, this.#isKnown)
    if (faults.length > 0) throw new ConfigurationError(faults)
    this.#isKnown = true
    return secrets
  }
}

/** What is in the file; `isKnown` if it was there before. */
function readSecrets (path: string, isKnown: boolean): ReadSecrets {
  if (path === '') return wrong(VARIABLE, 'is empty; give it the path of a file, or unset it')
  // The secret itself may be there by mistake: only a path that exists is shown.
  let name = isKnown ? `${VARIABLE} (${path})` : VARIABLE
  try {
    const stats = statSync(path)
    name = `${VARIABLE} (${path})`
    // To read a pipe may take for ever.
    if (!stats.isFile()) return wrong(name, 'is no regular file')
    if (stats.size > MAX_FILE_BYTES) {
      return wrong(name, `has more than ${MAX_FILE_BYTES} bytes; it holds one secret in each line`)
    }
    return secretsIn(readFileSync(path, 'utf8'), name)
  } catch (error) {
    return wrong(name, `can't be read (${codeOf(error)})`)
  }
}

/** Lines that are blank are passed over. Any other one is a secret, so it must not look like anything else. */
function secretsIn (text: string, name: string): ReadSecrets {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/)
  const secrets = lines.filter(line => line.trim() !== '')
  if (secrets.length === 0) return wrong(name, 'is empty; write a secret into it, in a line of its own')
  const faults = lines.flatMap((line, index) => {
    const fault = lineFault(line)
    return fault === undefined ? [] : [`${name} ${fault} in line ${index + 1}; write nothing but the secret into it`]
  })
  return { secrets, faults: faults.length > 0 ? faults : secretFaults(secrets, name) }
}

function lineFault (line: string): string | undefined {
  const trimmed = line.trim()
  if (trimmed.startsWith('#')) return 'has what looks like a comment'
  return trimmed === '' || trimmed === line ? undefined : 'has space before or after the secret'
}

function wrong (name: string, fault: string): ReadSecrets {
  return { secrets: [], faults: [`${name} ${fault}`] }
}

/** The code of an error of the file system: its message has the path. */
function codeOf (error: unknown): string {
  return textField(propertiesOf(Object(error)), 'code') ?? 'unknown error'
}

/** The variable that holds a secret. An empty one is no secret, and not to be taken for none. */
export const secretVariable: Variable = { name: 'MESH_SECRET', read: variables => variables.MESH_SECRET }

/** The variable that names a file with secrets: its option is a function that reads the file. */
export const secretFileVariable: Variable = {
  name: VARIABLE,
  read: ({ MESH_SECRET_FILE: path }) => {
    if (path === undefined) return undefined
    const file = new SecretFile(path)
    return () => file.read()
  }
}
