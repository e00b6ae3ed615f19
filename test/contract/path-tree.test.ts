import { answersFor } from '../../lib/contract/path'
import { PathTree } from '../../lib/contract/path-tree'

const PARTS = ['todos', 'Todos', 'users', '5', ':id', ':x', 'a*']

/** Paths of one to three parts, some of nine and ten. */
const PATHS = [
  ...PARTS, ...PARTS.flatMap(one => PARTS.map(two => `${one}/${two}`)),
  ...PARTS.flatMap(one => PARTS.map(two => `${one}/${two}/todos`)),
  ...PARTS.map(part => `a/b/c/d/e/f/g/h/${part}`), ...PARTS.map(part => `a/b/c/d/e/f/g/h/i/${part}`)
]

const treeOf = (paths: readonly string[], key = 'one'): PathTree => {
  const tree = new PathTree()
  for (const path of paths) tree.add(path, key)
  return tree
}

/** The paths that are near one of nodes of another key. */
const near = (tree: PathTree, path: string, key = 'other'): string[] =>
  tree.near(path.split('/'), key).map(each => each.path)

describe('a tree of paths', () => {
  it('finds all paths that would take requests from another one, or would lose some to it', () => {
    const tree = treeOf(PATHS)
    for (const path of PATHS) {
      const parts = path.split('/')
      const expected = PATHS.filter(other => {
        const others = other.split('/')
        return answersFor(parts, others, true) || answersFor(others, parts, true)
      })
      const found = new Set(near(tree, path))
      expect(expected.filter(other => !found.has(other))).toEqual([])
    }
  })

  it('finds no others where all parts are plain', () => {
    const services = Array.from({ length: 100 }, (_, n) => `node-${n}/todos`)
    expect(near(treeOf([...services, 'users/:id/todos']), 'node-7/todos')).toEqual(['node-7/todos'])
    expect(near(treeOf(services), 'node-7')).toEqual(['node-7/todos'])
    expect(near(treeOf(services), 'users')).toEqual([])
  })

  it('finds none of the same key, however many are in one place, and those of others with their parts', () => {
    const many = Array.from({ length: 1_000 }, (_, n) => [`a/:x${n}`, `a/b/c/d/e/f/g/h/${n}`, `x/${n}/:y`]).flat()
    const tree = treeOf(many)
    for (const path of [...many, 'x/:a/b', ':any']) expect(near(tree, path, 'one')).toEqual([])
    tree.add('a/:x0', 'other')
    tree.add('a/5', 'other')
    expect(tree.near(['a', ':z'], 'one')).toEqual([
      { path: 'a/5', parts: ['a', '5'] }, { path: 'a/:x0', parts: ['a', ':x0'] }
    ])
    expect(near(tree, 'a/:z', 'other')).toHaveLength(999)
  })

  it('has each path once, and none that was removed', () => {
    const tree = treeOf([...PATHS, ...PATHS])
    expect(near(tree, 'users/5')).toEqual([...new Set(near(tree, 'users/5'))])
    for (const path of PATHS) {
      tree.delete(path)
      tree.delete(path)
      expect(near(tree, path)).not.toContain(path)
    }
    expect(tree).toEqual(new PathTree())
  })
})
