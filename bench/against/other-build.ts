/** Ours as it was at another commit, built in a folder of its own, which is removed whatever happens. */
import { spawn } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ROOT } from '../peers'

export interface OtherBuild {
  /** The commit, as short as git writes it. */
  readonly commit: string
  readonly folder: string
  /** Where its copy of bench lies: what is started there finds that commit's package by the name `feathers-mesh`. */
  readonly bench: string
  remove (): void
}

const SIGNALS = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const

/** Builds a commit of the repository at `root`, with the packages that are installed there. */
export async function buildOf (ref: string, root = ROOT): Promise<OtherBuild> {
  const commit = await commitOf(ref, root)
  const folder = mkdtempSync(join(tmpdir(), `feathers-mesh-against-${process.pid}-`))
  const remove = removalOf(folder)
  try {
    const source = join(folder, 'source.tar')
    await run('git', ['archive', `--output=${source}`, commit], root)
    await run('tar', ['-xf', source, '-C', folder], root)
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'junction')
    await run(process.execPath, [join(root, 'node_modules/typescript-7/bin/tsc'), '-b', 'tsconfig.build.json'], folder)
    const bench = join(folder, '.build/bench')
    // The same programs measure both sides, those of here.
    cpSync(join(root, '.build/bench'), bench, { recursive: true })
    return { commit, folder, bench, remove }
  } catch (error) {
    remove()
    throw error
  }
}

async function commitOf (ref: string, root: string): Promise<string> {
  try {
    const full = await run('git', ['rev-parse', '--verify', '--end-of-options', `${ref}^{commit}`], root)
    return (await run('git', ['rev-parse', '--short', full.trim()], root)).trim()
  } catch {
    throw new Error(`--against: there is no commit '${ref}'`)
  }
}

/** Removes a folder when it is called, or else when this process ends: a bench that is broken off leaves nothing. */
function removalOf (folder: string): () => void {
  const onSignal = Object.entries(SIGNALS).map(([signal, number]) => {
    return [signal, () => process.exit(128 + number)] as const
  })
  const remove = (): void => {
    process.off('exit', remove)
    for (const [signal, end] of onSignal) process.off(signal, end)
    rmSync(folder, { recursive: true, force: true })
  }
  process.once('exit', remove)
  for (const [signal, end] of onSignal) process.once(signal, end)
  return remove
}

/** Runs a command to its end, and gives what it wrote. It ends with this process. */
async function run (command: string, args: readonly string[], cwd: string): Promise<string> {
  const child = spawn(command, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] })
  const kill = (): void => { child.kill('SIGKILL') }
  process.once('exit', kill)
  let output = ''
  let errors = ''
  child.stdout.on('data', chunk => { output += String(chunk) })
  child.stderr.on('data', chunk => { errors += String(chunk) })
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject)
      child.once('close', resolve)
    })
    if (code === 0) return output
    throw new Error(`${[command, ...args].join(' ')} ended with ${code}\n${errors}${output}`)
  } finally {
    process.off('exit', kill)
  }
}
