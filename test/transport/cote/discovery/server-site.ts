import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

/** Where a server of a test runs. */
export interface ServerSite {
  readonly address: string
  readonly port: number
  /** What a command is put behind to run there. */
  readonly through: readonly string[]
}

const execute = promisify(execFile)

/** Runs a program of JavaScript where a server runs; resolves to whether it exits with 0. */
export async function succeedsAt (
  { through }: ServerSite, program: string, ...argumentsOfIt: readonly string[]
): Promise<boolean> {
  const [command, ...args] = [...through, process.execPath, '-e', program, ...argumentsOfIt]
  return await execute(command, args).then(() => true, () => false)
}
