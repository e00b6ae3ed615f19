import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'

const ROOT = join(__dirname, '../..')

interface Locked {
  readonly version: string
  readonly dev?: boolean
  readonly peer?: boolean
  readonly optional?: boolean
  readonly devOptional?: boolean
}

interface Row {
  readonly packages: readonly string[]
  readonly loaded: string
  readonly examined: string
}

/** What `npm install feathers-mesh` brings along: name and version, each once. */
function installed (): string[] {
  const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as {
    packages: Readonly<Record<string, Locked>>
  }
  const names = Object.entries(packages).flatMap(([path, { version, dev, devOptional }]) =>
    path === '' || dev === true || devOptional === true ? [] : [`${path.split('node_modules/').at(-1)} ${version}`])
  return [...new Set(names)].sort()
}

function rowsOf (page: string): Row[] {
  const lines = readFileSync(join(ROOT, page), 'utf8').split('\n')
  const start = lines.findIndex(line => line.startsWith('| package'))
  return lines.slice(start + 2, lines.indexOf('', start)).map(line => {
    const [names = '', loaded = '', examined = ''] = line.split('|').slice(1, -1).map(cell => cell.trim())
    return { packages: names.replaceAll('`', '').split(', '), loaded, examined }
  })
}

/** The packages of which code runs when a program loads the library, and maybe has a class with rules. */
async function loaded (rules = ''): Promise<Set<string>> {
  const program = `require('./dist/index.js'); ${rules}; console.log(JSON.stringify(Object.keys(require.cache)))`
  const args = ['-r', 'reflect-metadata', '-e', program]
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: ROOT })
  const files = JSON.parse(stdout) as string[]
  const packageOf = /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//
  return new Set(files.flatMap(file => packageOf.exec(file.replaceAll('\\', '/'))?.[1] ?? []))
}

describe('the dependency table in SECURITY.md', () => {
  const rows = rowsOf('SECURITY.md')

  it('lists each package of an install with its version', () => {
    expect(rows.flatMap(({ packages }) => packages).sort()).toEqual(installed())
  })

  it('states for each package whether it is loaded', async () => {
    const [running, checking] = await Promise.all([loaded(), loaded("require('class-validator')")])
    const wrong = rows.flatMap(({ packages, loaded: said }) => packages.filter(name => {
      const [bare = ''] = name.split(' ')
      return said !== (running.has(bare) ? 'yes' : checking.has(bare) ? 'with rules' : 'no')
    }))
    expect(wrong).toEqual([])
  })

  it('states what was examined', () => {
    expect(rows.filter(({ examined }) => examined.length < 15)).toEqual([])
  })
})
