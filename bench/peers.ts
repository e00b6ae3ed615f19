/** The systems beside which ours is measured: packages of bench/package.json, installed when they are first needed. */
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

/** The root of the repository, as seen from .build/bench and from bench alike. */
export const ROOT = join(__dirname, __dirname.endsWith(join('.build', 'bench')) ? '../..' : '..')

const FOLDER = join(ROOT, 'bench')

/** Where runs leave what documents show. */
export const RESULTS = join(FOLDER, 'results')
const peers = createRequire(join(FOLDER, 'package.json'))

/**
 * Loads a package of bench/package.json. Its types are told by who loads it, for without the peers installed
 * bench has to compile as well.
 */
export async function loadPeer<T> (name: string): Promise<T> {
  return await import(pathToFileURL(peers.resolve(name)).href) as T
}

/** Where a file of a peer lies. */
export function resolvePeer (file: string): string {
  return peers.resolve(file)
}

/** Installs the peers where that has not been done. */
export function installPeers (): void {
  // The file has no types; npm wrote it.
  const { dependencies } = JSON.parse(readFileSync(join(FOLDER, 'package.json'), 'utf8')) as { dependencies: object }
  if (Object.keys(dependencies).every(name => existsSync(join(FOLDER, 'node_modules', name)))) return
  console.error('installing the peers of bench/package.json …')
  execFileSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: FOLDER, stdio: ['ignore', 2, 2] })
}
