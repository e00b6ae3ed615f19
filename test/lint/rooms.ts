/** The rooms of lib/, as rooms.json at the root lists them. */
import { readFileSync } from 'node:fs'
import { join, posix } from 'node:path'

/** The root of the project, as seen from test/lint and from .build/lint alike. */
export const ROOT = join(__dirname, '../..')

export interface Room {
  readonly name: string
  /** Folders (with the files directly in them) and files, relative to lib/; `.` is lib/ itself. */
  readonly paths: readonly string[]
  /** One sentence on what belongs there. */
  readonly about: string
  /** Whether every room that is not open may import it. */
  readonly isOpen?: boolean
  /** Names of the rooms that it may import. */
  readonly imports: readonly string[]
  /** Packages, and modules of Node beyond those that all may know. */
  readonly packages: readonly string[]
}

export interface House {
  /** Modules of Node that every room may import. */
  readonly builtins: readonly string[]
  readonly rooms: readonly Room[]
}

export function readHouse (): House {
  return JSON.parse(readFileSync(join(ROOT, 'rooms.json'), 'utf8')) as House
}

/** The room of a file, whose path is relative to lib/; a file that is listed itself belongs to no folder. */
export function roomOf (file: string, { rooms }: House): Room | undefined {
  const roomWith = (path: string): Room | undefined => rooms.find(({ paths }) => paths.includes(path))
  return roomWith(file) ?? roomWith(posix.dirname(file))
}

/** All rooms that a room may import, the open ones included. */
export function importableFrom (room: Room, { rooms }: House): readonly Room[] {
  return rooms.filter(other => other !== room && (room.imports.includes(other.name) || (other.isOpen && !room.isOpen)))
}

/** The package of an import: `@feathersjs/transport-commons` of `@feathersjs/transport-commons/lib/routing`. */
export function packageOf (specifier: string): string {
  const [first = '', second = ''] = specifier.split('/')
  return first.startsWith('@') ? `${first}/${second}` : first
}
