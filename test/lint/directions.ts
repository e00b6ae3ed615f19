/** Holds what is imported against the rooms. */
import { isBuiltin } from 'node:module'
import { dirname } from 'node:path/posix'
import { cyclesOf } from './graph'
import { importableFrom, packageOf, roomOf, type House, type Room } from './rooms'
import type { Import, Source } from './sources'

/** Rooms that import each other, whether directly or by way of others. */
export function cyclesOfRooms (house: House): string[][] {
  const importable = (room: Room): Set<string> => new Set(importableFrom(room, house).map(({ name }) => name))
  return cyclesOf(new Map(house.rooms.map(room => [room.name, importable(room)])))
}

/** Names of rooms in permissions that no room has. */
export function unknownRooms ({ rooms }: House): string[] {
  const names = new Set(rooms.map(({ name }) => name))
  return rooms.flatMap(({ name, imports }) => {
    return imports.filter(other => !names.has(other)).map(other => `${name} -> ${other}`)
  })
}

/** Files that belong to no room. */
export function homeless (sources: readonly Source[], house: House): string[] {
  return sources.map(({ file }) => file).filter(file => roomOf(file, house) === undefined)
}

/** Paths of rooms in which there is no file. */
export function emptyPaths (sources: readonly Source[], { rooms }: House): string[] {
  const files = new Set(sources.map(({ file }) => file))
  const own = new Set(rooms.flatMap(({ paths }) => paths).filter(path => files.has(path)))
  const folders = new Set([...files].filter(file => !own.has(file)).map(file => dirname(file)))
  return rooms.flatMap(({ paths }) => paths.filter(path => !own.has(path) && !folders.has(path)))
}

/** Imports that no room allows, as `lib/a/b.ts:3 imports ../c/d: …`. */
export function violations (sources: readonly Source[], house: House): string[] {
  return sources.flatMap(({ file, imports }) => {
    const room = roomOf(file, house)
    if (room === undefined) return []
    return imports.flatMap(one => {
      const reason = one.file === undefined ? packageFault(room, one, house) : roomFault(room, one.file, house)
      return reason === undefined ? [] : [`lib/${file}:${one.line} imports ${one.specifier}: ${reason}`]
    })
  })
}

function packageFault (room: Room, { specifier }: Import, { builtins }: House): string | undefined {
  const known = [...room.packages, ...isBuiltin(specifier) ? builtins : []]
  const isKnown = known.includes(packageOf(specifier)) || known.includes(specifier)
  return isKnown ? undefined : `${room.name} may not know this package`
}

function roomFault (room: Room, target: string, house: House): string | undefined {
  const other = roomOf(target, house)
  if (other === undefined) return 'it belongs to no room'
  if (other === room || importableFrom(room, house).includes(other)) return undefined
  return `${room.name} may not import ${other.name}`
}

/** Permissions, for rooms and packages, that nothing makes use of. */
export function stalePermissions (sources: readonly Source[], house: House): string[] {
  const used = new Set(sources.flatMap(({ file, imports }) => {
    const room = roomOf(file, house)?.name
    return imports.flatMap(({ file: target, specifier }) => {
      const others = target === undefined ? [packageOf(specifier), specifier] : [roomOf(target, house)?.name]
      return others.map(other => `${room} -> ${other}`)
    })
  }))
  return house.rooms.flatMap(({ name, imports, packages }) => {
    return [...imports, ...packages].map(other => `${name} -> ${other}`).filter(permission => !used.has(permission))
  })
}
