import { execFile } from 'node:child_process'
import { mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const root = join(__dirname, '../..')

/** The package of 0.1.0 as it was published, unpacked beside the packages that it needs. */
export interface FirstRelease {
  /** What a program imports its plugin from. */
  readonly plugin: string
  remove (): Promise<void>
}

export async function unpackFirstRelease (): Promise<FirstRelease> {
  const directory = await mkdtemp(join(tmpdir(), 'feathers-mesh-0.1.0-'))
  await promisify(execFile)('tar', ['xzf', join(__dirname, 'feathers-mesh-0.1.0.tgz'), '-C', directory])
  await symlink(join(root, 'node_modules'), join(directory, 'node_modules'))
  return {
    plugin: join(directory, 'package/dist/index.mjs'),
    remove: async () => await rm(directory, { recursive: true, force: true })
  }
}
