import { mkdtempSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { execFileSync } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { feathers } from '@feathersjs/feathers'
import distribution, { DistributedModule } from 'feathers-mesh'
import { SecretFile } from '../../lib/options/secret-file'
import { KeyRing } from '../../lib/transport/secrets/key-ring'
import { CoteMesh, OTHER_SECRET, outcomesDuring, SECRET } from '../security/mesh-of'
import { until } from '../until'
import { setsVariables } from './environment-variables'

const set = setsVariables()
let folder: string
let file: string
let mesh: CoteMesh

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'secret-file-'))
  file = join(folder, 'secret')
  mesh = new CoteMesh()
})
afterEach(async () => {
  await mesh.end()
  rmSync(folder, { recursive: true })
})

/** Writes a file as tools do that keep readers from half of one. */
function replace (path: string, text: string): void {
  writeFileSync(`${path}.new`, text)
  renameSync(`${path}.new`, path)
}

/** Why a node can't be made, by both ways. */
function faults (): string[] {
  const messageOf = (make: () => unknown): string => {
    try {
      make()
      return ''
    } catch (error) {
      return (error as Error).message
    }
  }
  return [
    messageOf(() => DistributedModule.forRoot()),
    messageOf(() => feathers().configure(distribution({ coteDelay: -1, cote: { broadcast: '127.255.255.255' } })))
  ]
}

const title = 'Buy milk'

describe('MESH_SECRET_FILE', () => {
  it.each([
    ['a line', `${SECRET}\n`], ['a line of Windows', `${SECRET}\r\n`], ['no line end', SECRET],
    ['lines that are empty', `\n${SECRET}\n\n`], ['a mark of the byte order', `\uFEFF${SECRET}\n`],
    ['several lines, of which the first is used', `${SECRET}\n${OTHER_SECRET}\n`]
  ])('reads the secret from a file of %s', async (_what, text) => {
    writeFileSync(file, text)
    const todos = await mesh.consumer({ secret: SECRET, timeout: 20_000, cote: mesh.cote, remotes: [] })
    set({ MESH_SECRET_FILE: file })
    await mesh.host()
    expect(await todos.create({ title })).toMatchObject({ title })
  })

  it('is read again when it changes, and no call fails meanwhile', async () => {
    const [one, other] = [file, join(folder, 'other')]
    for (const path of [one, other]) writeFileSync(path, `${SECRET}\n`)
    set({ MESH_SECRET_FILE: one })
    const host = await mesh.host()
    set({ MESH_SECRET_FILE: other })
    const todos = await mesh.consumer()
    const outcomes = await outcomesDuring(todos, async () => {
      // First all accept the new one, then all use it, then nobody accepts the old one. A newcomer shows each.
      const steps = [
        { lines: [SECRET, OTHER_SECRET], newcomer: [OTHER_SECRET, SECRET] },
        { lines: [OTHER_SECRET, SECRET], newcomer: [OTHER_SECRET] },
        { lines: [OTHER_SECRET], newcomer: [OTHER_SECRET] }
      ]
      for (const { lines, newcomer } of steps) {
        for (const path of [one, other]) replace(path, lines.join('\n'))
        await until('both nodes to let it in', async () => await isLetIn(newcomer))
      }
    })
    expect([...outcomes]).toEqual(['fulfilled'])
    expect(host.nodes().length).toBeGreaterThan(1)
  })

  /** Whether a newcomer with these secrets is let in. */
  async function isLetIn (secret: string[]): Promise<boolean> {
    const newcomer = await mesh.node({ secret })
    try {
      await until('both nodes', () => newcomer.nodes().length > 2, 2_000)
      return true
    } catch {
      return false
    } finally {
      await newcomer.stop()
    }
  }

  it('is refused when the file is missing', () => {
    set({ MESH_SECRET_FILE: file })
    for (const fault of faults()) {
      expect(fault).toContain("MESH_SECRET_FILE can't be read (ENOENT)")
    }
  })

  it.each([
    ['empty', '', 'is empty'], ['blank', ' \n\n', 'is empty'], ['short', 'short\n', 'must have at least 16 characters'],
    ['short in one line', `${SECRET}\nshort\n`, 'must have at least 16 characters'],
    ['long', 'x'.repeat(65_537), 'has more than 65536 bytes']
  ])('is refused without being revealed when the file is %s', (_what, text, expected) => {
    writeFileSync(file, text)
    set({ MESH_SECRET_FILE: file })
    for (const fault of faults()) {
      expect(fault).toContain(`MESH_SECRET_FILE (${file}) ${expected}`)
      expect(fault).not.toContain(SECRET)
    }
  })

  it.each([
    [1, `# the secret of the mesh\n${SECRET}\n`], [2, `${SECRET}\n# was: ${OTHER_SECRET}\n`],
    [2, `${SECRET}\r\n#${OTHER_SECRET}\r\n`], [3, `${SECRET}\n\n  # ${OTHER_SECRET}\n`], [1, `\uFEFF#${SECRET}\n`]
  ])('is refused when a line looks like a comment: only its number is named, %d', (line, text) => {
    writeFileSync(file, text)
    set({ MESH_SECRET_FILE: file })
    for (const fault of faults()) {
      expect(fault).toContain(`MESH_SECRET_FILE (${file}) has what looks like a comment in line ${line};`)
      for (const secret of [SECRET, OTHER_SECRET]) expect(fault).not.toContain(secret)
    }
  })

  it.each([
    [1, ` ${SECRET}\n`], [1, `${SECRET} \n`], [2, `\n${SECRET}\t\r\n`], [3, `${SECRET}\n \n\u00A0${OTHER_SECRET}`]
  ])('is refused when there is space around a secret, in line %d', (line, text) => {
    writeFileSync(file, text)
    set({ MESH_SECRET_FILE: file })
    for (const fault of faults()) {
      expect(fault).toContain(`MESH_SECRET_FILE (${file}) has space before or after the secret in line ${line};`)
      for (const secret of [SECRET, OTHER_SECRET]) expect(fault).not.toContain(secret)
    }
  })

  it.each([SECRET, `${SECRET}/x`, `/${SECRET}`, SECRET.repeat(300)])(
    'is refused without being revealed when it holds the secret itself: %#', secret => {
      set({ MESH_SECRET_FILE: secret })
      for (const fault of faults()) {
        expect(fault).toContain("MESH_SECRET_FILE can't be read (")
        expect(fault).not.toContain(SECRET)
      }
    })

  it('is refused when the path is a folder, or a pipe that nobody writes to', () => {
    const pipe = join(folder, 'pipe')
    execFileSync('mkfifo', [pipe])
    mkdirSync(file)
    for (const path of [file, pipe]) {
      set({ MESH_SECRET_FILE: path })
      for (const fault of faults()) expect(fault).toContain(`MESH_SECRET_FILE (${path}) is no regular file`)
    }
  })

  it('is refused when it is empty, as the node would be open', () => {
    set({ MESH_SECRET_FILE: '' })
    for (const fault of faults()) expect(fault).toContain('MESH_SECRET_FILE is empty')
  })

  it('is refused beside MESH_SECRET', () => {
    writeFileSync(file, SECRET)
    set({ MESH_SECRET_FILE: file, MESH_SECRET: SECRET })
    for (const fault of faults()) expect(fault).toContain('MESH_SECRET and MESH_SECRET_FILE both give the secret')
  })

  it('yields to the option, and then is not even read', () => {
    set({ MESH_SECRET_FILE: '/nowhere' })
    expect(() => DistributedModule.forRoot({ secret: SECRET })).not.toThrow()
  })
})

describe('a file of secrets', () => {
  // The secrets of a node are read again once a second.
  let seconds = 0
  beforeEach(() => { jest.spyOn(performance, 'now').mockImplementation(() => ++seconds * 1_000) })

  /** What a node accepts that reads the file, by the ids of the keys. */
  function reader (): { read: () => string[], idOf: (secret: string) => string } {
    const secrets = new SecretFile(file)
    const ring = new KeyRing(() => secrets.read())
    return { read: () => ring.accepted.map(({ id }) => id), idOf: secret => new KeyRing(secret).first.id }
  }

  it('keeps its last valid secrets, with one warning for each reason, while it is invalid', () => {
    writeFileSync(file, SECRET)
    const { read, idOf } = reader()
    expect(read()).toEqual([idOf(SECRET)])
    writeFileSync(file, '')
    expect([read(), read()]).toEqual([[idOf(SECRET)], [idOf(SECRET)]])
    rmSync(file)
    expect(read()).toEqual([idOf(SECRET)])
    expect(mesh.log).toEqual([
      expect.stringContaining('is empty'), expect.stringContaining("can't be read (ENOENT)")
    ])
    expect(mesh.log.join()).not.toContain(SECRET)
    writeFileSync(file, OTHER_SECRET)
    expect(read()).toEqual([idOf(OTHER_SECRET)])
  })

  it.each([['comment', `# ${OTHER_SECRET}`], ['space', `${OTHER_SECRET} `]])(
    'keeps its last valid secrets, with one warning, when a line has a %s', (what, line) => {
      writeFileSync(file, SECRET)
      const { read, idOf } = reader()
      writeFileSync(file, `${SECRET}\n${line}\n`)
      expect([read(), read()]).toEqual([[idOf(SECRET)], [idOf(SECRET)]])
      const told = new RegExp(`keeps what option 'secret' was before: .*${what}.* in line 2;`)
      expect(mesh.log).toEqual([expect.stringMatching(told)])
      expect(mesh.log.join()).not.toContain(OTHER_SECRET)
    })
})
