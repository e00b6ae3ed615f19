import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Cell } from './cell'
import { OPTIONS } from './compiled'
import type { Project } from './project'
import { run } from './programs'
import { BASE, INSTALL_TIME } from './workshop'

/** Installs the app with another package manager, in a folder that no other node_modules is above. */
async function installed (project: Project, install: string, ...args: string[]): Promise<string> {
  const own = project.apart()
  const [tarball] = readdirSync(join(project.modules, '..')).filter(name => name.endsWith('.tgz'))
  const dependencies = Object.fromEntries(BASE.map(each => {
    const at = each.lastIndexOf('@')
    return [each.slice(0, at), each.slice(at + 1)]
  }))
  own.sources()
  own.file('package.json', {
    private: true,
    dependencies: { ...dependencies, 'feathers-mesh': `file:${join(project.modules, '..', tarball)}` }
  })
  own.file('tsconfig.json', { compilerOptions: { ...OPTIONS, module: 'commonjs' }, include: ['*.ts'] })
  const program = { command: process.execPath, args: [project.module(install), 'install', ...args], cwd: own.folder }
  await run(program, INSTALL_TIME)
  await own.script('node_modules/typescript/bin/tsc', '-p', '.')
  return await own.pair('out/service.js', 'out/consumer.js')
}

export const INSTALLED: readonly Cell[] = [
  {
    toolchain: 'pnpm',
    settings: 'strict node_modules, tsc 6.0',
    packages: ['pnpm@10'],
    run: async project => await installed(
      project, 'pnpm/bin/pnpm.cjs', '--store-dir', '.store', '--ignore-scripts', '--config.auto-install-peers=false'
    )
  },
  {
    toolchain: 'yarn 1',
    settings: 'tsc 6.0',
    packages: ['yarn@1'],
    run: async project =>
      await installed(project, 'yarn/bin/yarn.js', '--no-lockfile', '--ignore-scripts', '--ignore-engines')
  }
]
