import { cpSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Edit } from './edits'
import { asItIs } from './edits'
import { Failed, Running, run } from './programs'

export const ROOT = join(__dirname, '../..')

const APP = join(ROOT, 'test/toolchains/app')

export interface PairOptions {
  /** Options of Node before the program. */
  readonly node?: readonly string[]
  /** @default the Node that runs this */
  readonly execPath?: string
  /** @default that of the project */
  readonly cwd?: string
}

let environments = 0

/** The folder of one cell: sources of the app, and the settings of the tool. */
export class Project {
  /** @param modules - the folder whose node_modules has all packages */
  constructor (readonly folder: string, readonly modules: string) {
    mkdirSync(folder, { recursive: true })
  }

  /** Writes the sources of the app. */
  sources (edit: Edit = asItIs): void {
    for (const name of readdirSync(APP)) this.file(name, edit(readFileSync(join(APP, name), 'utf8'), name))
  }

  file (name: string, content: string | object): void {
    const path = join(this.folder, name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content, null, 2))
  }

  /** The path of something in a package that is installed. */
  module (path: string): string {
    return join(this.modules, 'node_modules', path)
  }

  /** Runs the program of a package on Node. */
  async node (program: string, ...args: string[]): Promise<string> {
    return await run({ command: process.execPath, args: [this.module(program), ...args], cwd: this.folder })
  }

  /** Runs a program of the project itself. */
  async script (...args: string[]): Promise<string> {
    return await run({ command: process.execPath, args, cwd: this.folder })
  }

  /** An empty folder that no node_modules is above. */
  apart (): Project {
    const folder = join(this.modules, '..', 'apart', `${++environments}`)
    return new Project(folder, folder)
  }

  /** Copies something that was built to a place without node_modules. */
  away (built: string): string {
    const place = join(this.modules, '..', 'away', `${++environments}`)
    cpSync(join(this.folder, built), place, { recursive: true })
    return place
  }

  /** Runs the service and the consumer, each in a process of its own; gives what the consumer found. */
  async pair (service: string, consumer: string, options: PairOptions = {}): Promise<string> {
    const { node = [], execPath = process.execPath, cwd = this.folder } = options
    const env = { TOOLCHAIN_TEST: `toolchains-${process.pid}-${++environments}` }
    const program = (file: string) => ({ command: execPath, args: [...node, file], cwd, env })
    const host = new Running(program(service))
    try {
      await host.prints('the service can be called')
      return resultsIn(await run(program(consumer)))
    } finally {
      await host.stop()
    }
  }
}

/** The line of the consumer, among what a tool may print. */
export function resultsIn (printed: string): string {
  const found = /results: (.*)/.exec(printed)
  if (found === null) throw new Failed(`no results in:\n${printed}`)
  return found[1].trim()
}
