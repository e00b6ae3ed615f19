import type { Contract } from 'feathers-mesh/transport'
import { hashed, type ContractList } from '../../../../lib/transport/session/contracts/contract-list'
import { KnownLists } from '../../../../lib/transport/session/contracts/known-lists'
import {
  answerOf, MAX_ANSWER_LENGTH, MAX_HASHES, readQuestion
} from '../../../../lib/transport/session/contracts/lists-question'
import { WantedLists, type ListSource } from '../../../../lib/transport/session/contracts/wanted-lists'
import { until } from '../../../until'

const contractOf = (path: string): Contract => ({ path, methods: [{ name: 'find', idempotent: true }], events: [] })

/** What a node of this path offers. */
function listOf (path: string): { readonly hash: string, readonly text: string } {
  const known = new KnownLists()
  known.offer([contractOf(path)])
  return known.own ?? { hash: '', text: '' }
}

/** A mesh of nodes that know all lists, as one of them sees it that has just come. */
class World {
  readonly rejected: string[] = []
  readonly known = new KnownLists(reason => this.rejected.push(reason))
  readonly lists = new WantedLists(this.known, reason => this.rejected.push(reason))
  readonly nodes: Node[] = []

  node (path: string): Node {
    const node = new Node(this, path)
    this.nodes.push(node)
    return node
  }

  /** How many nodes were dialled. */
  get dialled (): number {
    return this.nodes.filter(({ isConnected }) => isConnected).length
  }

  /** How many questions were asked. */
  get questions (): number {
    return this.nodes.reduce((sum, { asked }) => sum + asked.length, 0)
  }
}

class Node implements ListSource {
  readonly address = '127.0.0.1'
  isConnected = false
  isFree = true
  readonly list: { readonly hash: string, readonly text: string }
  readonly got: ContractList[] = []
  readonly asked: Array<readonly string[]> = []
  /** What it gives for hashes: undefined for no answer. */
  answers: (hashes: readonly string[]) => readonly string[] | undefined = hashes => this.known(hashes)

  constructor (private readonly world: World, readonly id: string) {
    this.list = listOf(id)
  }

  offer (hash = this.list.hash): void {
    this.world.lists.want(hash, this)
  }

  fetch (): void {
    const { lists } = this.world
    const hashes = lists.assign(this)
    this.asked.push(hashes)
    this.isFree = false
    const given = this.answers(hashes)
    if (given === undefined) return
    setImmediate(() => {
      this.isConnected = this.isFree = true
      lists.answered(this, hashes, { lists: given })
    })
  }

  onList (list: ContractList): void {
    this.got.push(list)
  }

  private known (hashes: readonly string[]): readonly string[] {
    return this.world.nodes.map(({ list }) => list).filter(({ hash }) => hashes.includes(hash)).map(({ text }) => text)
  }
}

const worlds: World[] = []

function world (): World {
  const made = new World()
  worlds.push(made)
  return made
}

const paths = ({ got }: Node): readonly string[] => got.flatMap(({ contracts }) => contracts.map(({ path }) => path))

afterEach(() => { for (const each of worlds.splice(0)) each.lists.stop() })

describe('lists that a newcomer wants', () => {
  it('come from a few nodes of a mesh of 200, whichever owns them', async () => {
    const mesh = world()
    for (let n = 0; n < 200; n++) mesh.node(`path-${n}`)
    for (const node of mesh.nodes) node.offer()
    await until(() => mesh.nodes.every(node => paths(node)[0] === node.id))
    expect(mesh.dialled).toBeLessThan(10)
    expect(mesh.lists.size).toEqual({ wanted: 0, asked: 0 })
    const lengths = mesh.nodes.flatMap(({ asked }) => asked.map(({ length }) => length))
    expect(Math.max(...lengths)).toBeLessThanOrEqual(MAX_HASHES)
  })

  it('take one exchange for all replicas of a service, and none for later ones', async () => {
    const mesh = world()
    for (let n = 0; n < 50; n++) mesh.node('replica')
    for (const node of mesh.nodes) node.offer()
    await until(() => mesh.nodes.every(node => paths(node).length === 1))
    const late = mesh.node('replica')
    late.offer()
    await until(() => paths(late).length === 1)
    expect(mesh.questions).toBe(1)
    expect(new Set(mesh.nodes.map(({ got: [list] }) => list)).size).toBe(1)
  })

  it('are not asked for where this node offers the same', async () => {
    const mesh = world()
    mesh.known.offer([contractOf('replica')])
    const node = mesh.node('replica')
    node.offer()
    await until(() => paths(node).length === 1)
    expect(mesh.questions).toBe(0)
  })

  it('are asked of their owner where another node gives a wrong one, or none', async () => {
    for (const lie of [[listOf('other').text], [listOf('owned').text.replace('find', 'kill')], [], ['[', '']]) {
      const mesh = world()
      const liar = mesh.node('liar')
      liar.answers = hashes => hashes.includes(liar.list.hash) ? [liar.list.text] : lie
      liar.offer()
      await until(() => paths(liar).length === 1)
      const owner = mesh.node('owned')
      owner.offer()
      await until(() => paths(owner).length === 1)
      expect(liar.asked).toHaveLength(2)
      expect(paths(owner)).toEqual(['owned'])
      expect(mesh.rejected).toEqual(lie.length === 0 ? [] : ['wrongContracts'])
    }
  })

  it('are dropped unread where they are huge, and only as many are looked at as were asked for', async () => {
    const mesh = world()
    const node = mesh.node('owned')
    node.answers = () => Array.from({ length: 100 }, () => `["${'x'.repeat(2 ** 20)}"]`)
    node.offer()
    await until(() => node.isConnected)
    expect([mesh.rejected, node.got]).toEqual([['wrongContracts'], []])
  })

  it('are read from what was hashed, so that two texts of one hash are one list', async () => {
    const mesh = world()
    const node = mesh.node('node-\ufffd')
    node.answers = () => [node.list.text.replace('\ufffd', '\ud800')]
    node.offer()
    await until(() => node.got.length === 1)
    expect(paths(node)).toEqual(['node-\ufffd'])
  })

  it('have no contracts and are counted where their text is no list', async () => {
    const mesh = world()
    const node = mesh.node('owned')
    const text = '{"contracts":[]}'
    const { hash } = hashed(text)
    node.answers = () => [text]
    node.offer(hash)
    await until(() => node.got.length === 1)
    expect([paths(node), mesh.rejected]).toEqual([[], ['malformedContracts']])
  })

  it('are forgotten when their owner offers another one meanwhile, or is gone', async () => {
    const mesh = world()
    const node = mesh.node('owned')
    node.answers = hashes => hashes.includes(node.list.hash) ? [node.list.text] : undefined
    node.offer(listOf('before').hash)
    node.isFree = true
    node.offer()
    await until(() => node.got.length === 1)
    const gone = mesh.node('gone')
    gone.answers = () => undefined
    gone.offer()
    mesh.lists.drop(gone)
    expect(mesh.lists.size.wanted).toBe(0)
  })

  it('are asked of others while a node does not answer', async () => {
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'queueMicrotask', 'nextTick'] })
    try {
      const mesh = world()
      const frozen = mesh.node('replica')
      frozen.answers = () => undefined
      frozen.offer()
      const healthy = mesh.node('replica')
      healthy.offer()
      expect(healthy.asked).toEqual([])
      jest.advanceTimersByTime(2_000)
      jest.useRealTimers()
      await until(() => frozen.got.length === 1 && healthy.got.length === 1)
    } finally {
      jest.useRealTimers()
    }
  })

  it('are asked for again at once where an answer had no room for all', () => {
    const mesh = world()
    const nodes = Array.from({ length: 3 }, (_, n) => mesh.node(`path-${n}`))
    const [first] = nodes
    for (const node of nodes) node.answers = () => undefined
    for (const node of nodes) node.offer()
    for (const node of nodes) mesh.lists.failed(node)
    const hashes = first === undefined ? [] : mesh.lists.assign(first)
    if (first === undefined) return
    first.isFree = true
    first.isConnected = true
    mesh.lists.answered(first, hashes, { lists: [first.list.text], more: true })
    expect(first.asked.at(-1)).toEqual(expect.arrayContaining(hashes.slice(1)))
  })
})

describe('a node that is asked for lists', () => {
  it('gives its own and those that it knows, within the length of an answer, and at least one', () => {
    const known = new KnownLists()
    const texts = Array.from({ length: 4 }, (_, n) => `["${n}${'x'.repeat(100_000)}"]`)
    for (const [n, text] of texts.entries()) known.add({ hash: `h${n}`, text, contracts: [] })
    known.offer([contractOf('own')])
    const own = known.own?.hash ?? ''
    expect(answerOf({ hashes: [own, 'nobody', own], maxLength: MAX_ANSWER_LENGTH }, known)).toEqual(
      { hash: own, lists: [known.own?.text] })
    expect(answerOf({ hashes: ['h0', 'h1', 'h2', 'h3'], maxLength: MAX_ANSWER_LENGTH }, known)).toEqual(
      { hash: own, lists: texts.slice(0, 2), more: true })
    expect(answerOf({ hashes: ['h0', 'h1'], maxLength: 10 }, known)).toEqual(
      { hash: own, lists: texts.slice(0, 1), more: true })
  })
})

describe('bounds of lists', () => {
  it('read no more than 256 hashes of a question, and nothing that is none', () => {
    const { hash } = hashed('[]')
    const hashes = Array.from({ length: MAX_HASHES + 1 }, () => hash)
    expect(readQuestion({ hashes })?.hashes).toHaveLength(MAX_HASHES)
    expect(readQuestion({ hashes: [hash, 7, 'short', null, {}], maxLength: 1e9 })).toEqual(
      { hashes: [hash], maxLength: MAX_ANSWER_LENGTH })
    const others = [undefined, null, { readsClock: true }, { hashes: 'all' }].map(readQuestion)
    expect(others).toEqual([undefined, undefined, undefined, undefined])
  })

  it('let 1,000 nodes join that have not answered, and others as soon as these have', () => {
    const mesh = world()
    const nodes = Array.from({ length: 1_001 }, (_, n) => mesh.node(`path-${n}`))
    expect(nodes.filter(node => mesh.lists.trust(node))).toHaveLength(1_000)
    mesh.lists.prove(mesh.nodes[0])
    expect(mesh.lists.trust(mesh.nodes[1_000])).toBe(true)
  })
})

describe('the lists that a node knows', () => {
  it('take a bounded memory: that which was used longest ago is forgotten, and counted', () => {
    const rejected: string[] = []
    const known = new KnownLists(reason => rejected.push(reason), 2_500)
    const text = 'x'.repeat(1_000)
    for (const hash of ['one', 'two']) known.add({ hash, text, contracts: [] })
    known.get('one')
    known.add({ hash: 'three', text, contracts: [] })
    known.add({ hash: 'three', text, contracts: [] })
    const hashes = ['one', 'two', 'three'].map(hash => known.get(hash)?.hash)
    expect(hashes).toEqual(['one', undefined, 'three'])
    expect([known.bytes, rejected]).toEqual([2_000, ['forgottenContracts']])
  })

  it('have one hash for one list, in whatever order the services were registered', () => {
    const [one, other] = [new KnownLists(), new KnownLists()]
    one.offer([contractOf('a'), contractOf('b')])
    other.offer([contractOf('b'), contractOf('a')])
    expect(one.own).toEqual(other.own)
  })

  it('leave out that of a node whose list is too long for a hash', () => {
    const known = new KnownLists()
    known.offer([{ ...contractOf('long'), remoteOptions: { text: 'x'.repeat(2 ** 20) } }])
    expect(known.own).toBeUndefined()
  })
})
