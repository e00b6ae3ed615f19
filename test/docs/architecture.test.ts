import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { referencesIn, staleReferences } from './declarations'

const ROOT = join(__dirname, '../..')
const PAGE = 'docs/architecture.md'
const text = readFileSync(join(ROOT, PAGE), 'utf8')

interface Room {
  readonly name: string
  readonly about: string
}

/** The rooms as the page lists them: the rows of its first table. */
function roomsOfPage (): Room[] {
  const [, table = ''] = /<!-- rooms -->\n([^]*?)<!-- \/rooms -->/.exec(text) ?? []
  const rows = table.split('\n').filter(line => line.startsWith('| `'))
  return rows.map(row => {
    const [name = '', about = ''] = row.split('|').slice(1, -1).map(cell => cell.trim())
    return { name: name.replaceAll('`', ''), about }
  })
}

function sectionOf (heading: string): string {
  const [, body = ''] = text.split(`\n### ${heading}\n`)
  return body.split(/\n##+ /)[0] ?? ''
}

describe('docs/architecture.md', () => {
  it('lists the rooms of rooms.json, each with its sentence, and no others', () => {
    const { rooms } = JSON.parse(readFileSync(join(ROOT, 'rooms.json'), 'utf8')) as { rooms: Room[] }
    expect(roomsOfPage()).toEqual(rooms.map(({ name, about }) => ({ name, about })))
  })

  it.each(['A call', 'An event', 'From a hello to a joined node'])(
    "names the functions of the walk '%s' with their files", heading => {
      const steps = referencesIn(sectionOf(heading)).filter(({ name }) => name !== undefined)
      expect(steps.length).toBeGreaterThan(5)
    })

  it.each([
    'An option', 'A decorator option', 'A transport', 'A second broker', 'A balancing policy', 'A type of values',
    'A reason in the health route', 'A command for the command line'
  ])("names the files and the tests of the errand '%s'", heading => {
    const paths = referencesIn(sectionOf(heading)).map(({ path }) => path)
    expect(paths.filter(path => path.startsWith('lib'))).not.toEqual([])
    expect(paths.filter(path => path.startsWith('test'))).not.toEqual([])
  })
})

describe.each([PAGE, 'CONTRIBUTING.md'])('the code that %s names', page => {
  it('exists: each file, each folder and each function', () => {
    expect(staleReferences(ROOT, page)).toEqual([])
  })
})

describe('the check of the code that a page names', () => {
  let root: string

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'mesh-map-'))
    mkdirSync(join(root, 'lib/room'), { recursive: true })
    const call = 'export class Call { constructor (readonly id: string) {} start () {} }\n'
    writeFileSync(join(root, 'lib/room/call.ts'), call)
    writeFileSync(join(root, 'lib/room/other.ts'), 'export const stop = () => { start() }\n')
  })

  afterEach(() => rmSync(root, { recursive: true, force: true }))

  const stale = (page: string) => {
    writeFileSync(join(root, 'page.md'), page)
    return staleReferences(root, 'page.md')
  }

  it('accepts files, folders, methods, properties and constants', () => {
    const call = '`lib/room/` `lib/room/call.ts` `lib/room/call.ts:start` `lib/room/call.ts:id`'
    expect(stale(`${call} \`lib/room/other.ts:stop\``)).toEqual([])
  })

  it('reports what moved with the line of the page and the place where it is now', () => {
    expect(stale('\n`lib/room/other.ts:start` and `lib/old/call.ts:start`, `lib/gone.ts`')).toEqual([
      "page.md:2: lib/room/other.ts declares no 'start'; see lib/room/call.ts",
      'page.md:2: there is no lib/old/call.ts; see lib/room/call.ts',
      'page.md:2: there is no lib/gone.ts'
    ])
  })
})
