'use strict'

/**
 * What rooms.json says of imports as rules of eslint, one set for the files of each room in one folder.
 * `.eslintrc.json` extends it, so that an editor shows what the test finds.
 */
const { posix } = require('node:path')
const { builtins, rooms } = require('../../rooms.json')

const escape = text => text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')

const isFile = path => path.endsWith('.ts')

const folderOf = path => isFile(path) ? posix.dirname(path) : path

/** Files of a folder that are rooms of their own, without their ending. */
const ownRoomsIn = (folder, paths) => rooms.flatMap(room => room.paths)
  .filter(path => isFile(path) && folderOf(path) === folder && !paths.includes(path))
  .map(path => posix.basename(path, '.ts'))

/** How a file of `folder` writes what is in a room: `../contract/` and a name, and no other way. */
function pathsTo (room, folder) {
  return room.paths.map(path => {
    const way = posix.relative(folder, folderOf(path))
    const start = way === '' ? './' : way.startsWith('.') ? `${way}/` : `./${way}/`
    if (isFile(path)) return `${escape(start + posix.basename(path, '.ts'))}(\\.js)?`
    const others = ownRoomsIn(path, room.paths).map(name => `${escape(name)}(\\.js)?$`)
    const except = others.length === 0 ? '' : `(?!${others.join('|')})`
    return `${escape(start)}${except}(?!index(\\.js)?$)[^./][^/]*`
  })
}

function importable (room) {
  return rooms.filter(other => other === room || room.imports.includes(other.name) || (other.isOpen && !room.isOpen))
}

function patternsOf (room, folder) {
  const ways = importable(room).flatMap(other => pathsTo(other, folder))
  const packages = [...room.packages.map(name => `${escape(name)}(/.*)?`), ...builtins.map(escape)]
  const list = names => names.length === 0 ? 'nothing' : names.join(', ')
  return [
    { regex: `^(?=\\.)(?!(${ways.join('|')})$)`, message: `rooms.json: beside open rooms, ${room.name} may import ${list(room.imports)}.` },
    { regex: `^(?!\\.)(?!(${packages.join('|')})$)`, message: `rooms.json: of packages, ${room.name} may know ${list(room.packages)}.` }
  ]
}

/** Folders before files: the last override that matches a file counts. */
const places = rooms.flatMap(room => room.paths.map(path => ({ room, path })))
  .sort((a, b) => Number(isFile(a.path)) - Number(isFile(b.path)))

module.exports = {
  overrides: places.map(({ room, path }) => ({
    files: [posix.join('lib', path, isFile(path) ? '' : '*.ts')],
    rules: {
      '@typescript-eslint/no-restricted-imports': ['error', { patterns: patternsOf(room, folderOf(path)) }]
    }
  }))
}
