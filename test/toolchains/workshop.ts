import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import type { Cell } from './cell'
import { Project, ROOT } from './project'
import { run } from './programs'

/** What a user of the package installs in any case. */
export const BASE = [
  '@feathersjs/feathers@5', 'tsyringe@4', 'reflect-metadata@0.2', 'class-validator@0.15', 'class-transformer@0.5',
  '@types/node@20', 'typescript@6.0'
]

export const INSTALL_TIME = 600_000

/** Temporary folders with the packed package and the tools; one for all cells that can share it. */
export class Workshop {
  readonly folder = mkdtempSync(join(tmpdir(), 'toolchains-'))
  private packed: Promise<string> | undefined
  private readonly installed = new Map<string, Promise<string>>()
  private projects = 0

  /**
   * @param cells - all that will ask for projects; their tools are installed together
   * @param given - a package that is packed already
   */
  constructor (private readonly cells: readonly Cell[], private readonly given?: string) {}

  async project (cell: Cell): Promise<Project> {
    const modules = await this.modulesOf(cell)
    return new Project(join(modules, 'cells', `${++this.projects}`), modules)
  }

  /** The packed package. */
  async tarball (): Promise<string> {
    this.packed ??= this.pack()
    return await this.packed
  }

  /** The versions of the tools of a cell. */
  async versionsOf (cell: Cell): Promise<string[]> {
    const modules = await this.modulesOf(cell)
    return [...cell.packages, ...(cell.apart ?? [])].map(each => {
      const [name, alias] = each.split('@npm:')
      const folder = alias === undefined ? name.replace(/(?<=.)@.*/, '') : name
      const { version } = JSON.parse(readFileSync(join(modules, 'node_modules', folder, 'package.json'), 'utf8')) as
        { version: string }
      return `${(alias ?? folder).replace(/(?<=.)@.*/, '')} ${version}`
    })
  }

  remove (): void {
    rmSync(this.folder, { recursive: true, force: true })
  }

  private async pack (): Promise<string> {
    if (this.given !== undefined) {
      const name = join(this.folder, basename(this.given))
      copyFileSync(this.given, name)
      return name
    }
    await run({ command: 'npm', args: ['pack', '--ignore-scripts', '--pack-destination', this.folder], cwd: ROOT })
    const name = readdirSync(this.folder).find(file => file.endsWith('.tgz'))
    if (name === undefined) throw new Error('npm pack gave no package')
    return join(this.folder, name)
  }

  private async modulesOf (cell: Cell): Promise<string> {
    const shared = this.cells.filter(({ apart }) => apart === undefined).flatMap(({ packages }) => packages)
    const own = cell.apart === undefined ? shared : [...cell.packages, ...cell.apart]
    const wanted = [...new Set([...BASE.filter(each => !own.some(other => nameIn(other) === nameIn(each))), ...own])]
    const key = wanted.sort().join(' ')
    const installing = this.installed.get(key) ?? this.install(wanted)
    this.installed.set(key, installing)
    return await installing
  }

  private async install (packages: readonly string[]): Promise<string> {
    const folder = join(this.folder, `modules-${this.installed.size}`)
    mkdirSync(folder)
    writeFileSync(join(folder, 'package.json'), '{ "private": true }')
    const flags = ['--no-audit', '--no-fund', '--ignore-scripts', '--prefer-offline']
    const args = ['install', ...flags, await this.tarball(), ...packages]
    await run({ command: 'npm', args, cwd: folder }, INSTALL_TIME)
    return folder
  }
}

function nameIn (wanted: string): string {
  return wanted.replace(/(?<=.)@.*/, '')
}
