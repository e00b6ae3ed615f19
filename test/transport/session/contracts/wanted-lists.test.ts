import type { Contract } from 'feathers-mesh/transport'
import { hashed, type ContractList } from '../../../../lib/transport/session/contracts/contract-list'
import { KnownLists } from '../../../../lib/transport/session/contracts/known-lists'
import {
  answerOf, MAX_ANSWER_LENGTH, MAX_GIVEN_LENGTH, MAX_HASHES, questionFor, readGiven, readQuestion
} from '../../../../lib/transport/session/contracts/lists-question'
import type { ListSource } from '../../../../lib/transport/session/contracts/list-source'
import { tellList } from '../../../../lib/transport/session/contracts/told-list'
import { WantedLists } from '../../../../lib/transport/session/contracts/wanted-lists'
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
  address = '127.0.0.1'
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

  offer (hash = this.list.hash, told?: string): boolean {
    return this.world.lists.want(hash, this, told)
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

afterEach(() => {
  for (const each of worlds.splice(0)) each.lists.stop()
  jest.useRealTimers()
})

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

  it('come from a few nodes although the first ten that were asked held only their own', async () => {
    const mesh = world()
    for (let n = 0; n < 60; n++) mesh.node(`path-${n}`)
    let asked = 0
    for (const node of mesh.nodes) {
      const { answers } = node
      node.answers = hashes => asked++ < 10 ? [node.list.text] : answers(hashes)
    }
    for (const node of mesh.nodes) node.offer()
    await until(() => mesh.nodes.every(node => paths(node)[0] === node.id))
    expect(mesh.dialled).toBeLessThan(20)
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

  it('are not asked for where hellos carry them, and are asked for where a hello carries another one', async () => {
    const mesh = world()
    const nodes = Array.from({ length: 50 }, (_, n) => mesh.node(`path-${n}`))
    for (const node of nodes) node.offer(node.list.hash, tellList(node.list.text))
    await until(() => nodes.every(node => paths(node)[0] === node.id))
    expect([mesh.questions, mesh.rejected]).toEqual([0, []])

    const liar = mesh.node('liar')
    liar.offer(liar.list.hash, tellList(nodes[0].list.text))
    await until(() => paths(liar)[0] === 'liar')
    expect([mesh.questions, mesh.rejected]).toEqual([1, ['wrongContracts']])
  })

  it('come from a hello while a node is asked for them that does not answer', async () => {
    const mesh = world()
    const silent = mesh.node('silent')
    silent.answers = () => undefined
    silent.offer()
    expect(silent.asked).toHaveLength(1)
    silent.offer(silent.list.hash, tellList(silent.list.text))
    await until(() => paths(silent)[0] === 'silent')
    expect(mesh.lists.size.wanted).toBe(0)
  })

  it('are asked of their owner where another node gives a wrong one, or none', async () => {
    for (const lie of [[listOf('other').text], [listOf('owned').text.replace('find', 'kill')], [], ['[', '']]) {
      const mesh = world()
      const liar = mesh.node('liar')
      liar.answers = hashes => hashes.includes(liar.list.hash) ? [liar.list.text] : lie
      liar.offer()
      await until(() => paths(liar).length === 1)
      const owner = mesh.node('owned')
      owner.isFree = false
      owner.offer()
      expect(liar.asked).toHaveLength(2)
      await until(() => liar.isFree)
      liar.isFree = false
      owner.isFree = true
      mesh.node('another').offer()
      await until(() => paths(owner).length === 1)
      expect(paths(owner)).toEqual(['owned'])
      expect(mesh.rejected).toEqual(lie.length === 0 ? [] : ['wrongContracts'])
    }
  })

  it('are asked of their owner first where they are few, as they are new', async () => {
    const mesh = world()
    const helper = mesh.node('helper')
    helper.offer()
    await until(() => paths(helper).length === 1)
    const owner = mesh.node('owner')
    owner.offer()
    await until(() => paths(owner).length === 1)
    expect([helper.asked.length, owner.asked]).toEqual([1, [[owner.list.hash]]])
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

  it('are asked of a node that has not answered yet, and come from others while it is silent', async () => {
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'queueMicrotask', 'nextTick'] })
    const mesh = world()
    const silent = mesh.node('silent')
    silent.answers = () => undefined
    silent.isFree = false
    const nodes = Array.from({ length: 40 }, (_, n) => mesh.node(`path-${n}`))
    for (const node of nodes) node.isFree = false
    for (const node of [silent, ...nodes]) node.offer()
    silent.isFree = true
    mesh.lists.failed(silent)
    expect(silent.asked.map(hashes => [hashes[0], hashes.length])).toEqual([[silent.list.hash, 41]])
    for (const node of nodes) node.isFree = true
    jest.advanceTimersByTime(100)
    await until(() => nodes.every(node => paths(node).length === 1))
    expect(silent.asked).toHaveLength(1)
    expect(mesh.nodes.filter(({ asked }) => asked.length > 0).length).toBeLessThan(5)
  })

  it('are not asked again of a node that did not hold them when it was asked for its own one', async () => {
    const mesh = world()
    const first = mesh.node('first')
    first.answers = () => [first.list.text]
    first.isFree = false
    const nodes = Array.from({ length: 20 }, (_, n) => mesh.node(`path-${n}`))
    for (const node of nodes) node.isFree = false
    for (const node of [first, ...nodes]) node.offer()
    first.isFree = true
    mesh.lists.failed(first)
    await until(() => paths(first).length === 1)
    for (const node of nodes) node.isFree = true
    mesh.lists.failed(first)
    await until(() => nodes.every(node => paths(node).length === 1))
    expect(first.asked).toHaveLength(1)
  })

  it('are asked for again where an answer had no room for all, however often', async () => {
    const mesh = world()
    const helper = mesh.node('helper')
    helper.offer()
    await until(() => helper.isConnected)
    const nodes = Array.from({ length: 8 }, (_, n) => mesh.node(`path-${n}`))
    for (const node of nodes) Object.assign(node, { isFree: false })
    helper.answers = () => undefined
    for (const node of nodes) node.offer()
    for (let n = 1; n <= nodes.length; n++) {
      const hashes = helper.asked.at(-1) ?? []
      const given = nodes.filter(({ list }) => hashes.includes(list.hash)).slice(0, 1)
      helper.isFree = true
      mesh.lists.answered(helper, hashes, { lists: given.map(({ list }) => list.text), more: true })
    }
    await until(() => nodes.every(node => paths(node).length === 1))
    expect(nodes.map(({ asked }) => asked.length)).toEqual(nodes.map(() => 0))
  })

  it('are not asked for again and again where nobody is left to be asked', async () => {
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'queueMicrotask', 'nextTick'] })
    const mesh = world()
    const node = mesh.node('owned')
    node.answers = () => []
    node.offer()
    await until(() => node.isConnected)
    expect([jest.getTimerCount(), mesh.lists.size.asked]).toEqual([0, 0])
    node.offer()
    expect(node.asked).toHaveLength(2)
  })

  it('are not wanted any more once their node offers a list that is known', async () => {
    const mesh = world()
    const node = mesh.node('owned')
    node.isFree = false
    node.offer()
    mesh.lists.release(node)
    expect(mesh.lists.size.wanted).toBe(0)
  })

  it('do not keep a node from being asked for nothing', () => {
    const mesh = world()
    const nodes = Array.from({ length: 10 }, (_, n) => mesh.node(`path-${n}`))
    expect(nodes.map(node => mesh.lists.assign(node))).toEqual(nodes.map(() => []))
    expect(mesh.lists.size.asked).toBe(0)
  })

  it('come of nodes that ask this one, which need not be asked for theirs then', async () => {
    const mesh = world()
    const nodes = Array.from({ length: 10 }, (_, n) => mesh.node(`path-${n}`))
    for (const node of nodes) {
      node.answers = () => undefined
      node.offer()
    }
    const asked = mesh.questions
    for (const { list: { text }, id, address } of nodes) mesh.lists.receive(text, { id, address })
    mesh.lists.receive(listOf('nobody').text, nodes[0])
    await until('the lists', () => nodes.every(({ got }) => got.length === 1))
    expect(mesh.questions).toBe(asked)
    expect(mesh.known.get(listOf('nobody').hash)).toBeUndefined()
    expect(mesh.rejected).toEqual([])
  })

  it('come although nodes throw that are asked', async () => {
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'queueMicrotask', 'nextTick'] })
    const mesh = world()
    const broken = mesh.node('broken')
    broken.isFree = false
    broken.offer()
    broken.fetch = () => { throw new Error('no socket') }
    broken.isFree = true
    jest.advanceTimersByTime(500)
    expect(mesh.rejected).toEqual(['containedFault'])
  })
})

describe('a list that could not be asked for', () => {
  it('is asked of its owner again where no other node gives it', async () => {
    const world = new World()
    const [owner, helper] = [world.node('todos'), world.node('users')]
    helper.isConnected = true
    helper.offer(hashed('[]').hash)
    helper.answers = () => []
    owner.answers = () => undefined
    owner.offer()
    world.lists.failed(owner)
    owner.isFree = true
    owner.answers = () => [owner.list.text]
    await until('the list', () => owner.got.length > 0)
    expect(owner.asked).toEqual([[owner.list.hash], [owner.list.hash]])
    world.lists.stop()
  })
})

describe('silent nodes', () => {
  beforeEach(() => {
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'queueMicrotask', 'nextTick'] })
  })

  /** Nodes that take questions and answer none. */
  function silentNodes (mesh: World, count: number): readonly Node[] {
    return Array.from({ length: count }, (_, n) => {
      const node = mesh.node(`silent-${n}`)
      node.answers = () => undefined
      return node
    })
  }

  it('do not keep the lists of others waiting, however many offer one', async () => {
    const mesh = world()
    for (const node of silentNodes(mesh, 100)) node.offer()
    const healthy = mesh.node('healthy')
    healthy.offer()
    for (let n = 0; n < 16; n++) jest.advanceTimersByTime(500)
    await until(() => paths(healthy).length === 1)
  })

  it('are asked for the lists of others two at a time, however many are asked for their own', () => {
    const mesh = world()
    const silent = silentNodes(mesh, 100)
    for (const node of silent) node.isFree = false
    for (const node of silent) node.offer()
    for (const node of silent) node.isFree = true
    mesh.lists.failed(silent[0] ?? mesh.node('none'))
    for (let n = 0; n < 7; n++) jest.advanceTimersByTime(250)
    const questions = silent.flatMap(({ asked }) => asked)
    expect(questions.length).toBeGreaterThan(4)
    expect(questions.filter(({ length }) => length > 1)).toHaveLength(2)
  })

  it('keep nothing but their own lists from being asked of others, also those that are connected', () => {
    const mesh = world()
    const [frozen] = silentNodes(mesh, 1)
    if (frozen === undefined) throw new Error('there is no such node')
    frozen.isConnected = true
    const others = Array.from({ length: 20 }, (_, n) => mesh.node(`path-${n}`))
    for (const node of mesh.nodes) node.isFree = false
    for (const node of mesh.nodes) node.offer()
    frozen.isFree = true
    mesh.lists.failed(frozen)
    expect(frozen.asked.map(({ length }) => length)).toEqual([21])
    for (const node of others) node.isFree = true
    jest.advanceTimersByTime(500)
    expect(others.filter(({ asked }) => asked.length > 0).length).toBeGreaterThan(0)
  })

  it('leave half of the lists of others to be asked of their owners meanwhile', () => {
    const mesh = world()
    const [helper] = silentNodes(mesh, 1)
    if (helper === undefined) throw new Error('there is no such node')
    mesh.known.add({ ...helper.list, contracts: [] })
    helper.isConnected = true
    const owners = Array.from({ length: 40 }, (_, n) => mesh.node(`path-${n}`))
    for (const node of mesh.nodes) node.isFree = false
    for (const node of mesh.nodes) node.offer()
    helper.isFree = true
    mesh.lists.failed(helper)
    expect(helper.asked.map(({ length }) => length)).toEqual([40])
    for (const node of owners) node.isFree = true
    mesh.lists.failed(owners[0] ?? helper)
    expect(owners.filter(({ asked }) => asked.length > 0)).toHaveLength(1)
  })

  it('do not keep owners from being asked while they are asked for the lists of these', async () => {
    const mesh = world()
    const silent = silentNodes(mesh, 4)
    for (const node of silent) {
      mesh.known.add({ ...node.list, contracts: [] })
      node.isConnected = true
      node.offer()
    }
    const busy = Array.from({ length: 40 }, (_, n) => mesh.node(`path-${n}`))
    for (const node of busy) Object.assign(node, { isFree: false })
    for (const node of busy) node.offer()
    expect(silent.map(({ asked }) => asked.length)).toEqual([1, 0, 0, 0])
    const owner = mesh.node('owner')
    owner.offer()
    expect(owner.asked.map(([first]) => first)).toEqual([owner.list.hash])
  })

  it('are asked for the lists of others no more, until they answer, and two of them before its owner', async () => {
    const mesh = world()
    const silent = silentNodes(mesh, 5)
    for (const node of silent) {
      mesh.known.add({ ...node.list, contracts: [] })
      node.isConnected = true
      node.offer()
    }
    // So many that the mesh is being learned: others may hold them.
    const owners = Array.from({ length: 9 }, (_, n) => mesh.node(`owner-${n}`))
    for (const owner of owners) {
      owner.isFree = false
      owner.offer()
    }
    const asked = (): number => silent.filter(node => node.asked.length > 0).length
    expect(asked()).toBeGreaterThan(0)
    for (const owner of owners) owner.isFree = true
    expect(owners.flatMap(owner => owner.asked)).toEqual([])
    for (let n = 0; n < 4; n++) {
      jest.advanceTimersByTime(500)
      for (const node of silent) node.isFree = true
    }
    await until(() => owners.every(owner => paths(owner).length === 1))
    expect(Math.max(...silent.map(node => node.asked.length))).toBe(1)
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
    const long = `["${'x'.repeat(300_000)}"]`
    known.add({ hash: 'long', text: long, contracts: [] })
    expect(answerOf({ hashes: ['long', 'h1'], maxLength: 1_000_000 }, known)).toEqual(
      { hash: own, lists: [long], more: true })
  })

  it('gives no list that the one that asks has no room for', () => {
    const known = new KnownLists()
    const [short, long] = ['["short"]', `["${'x'.repeat(1_000)}"]`]
    for (const text of [long, short]) known.add({ ...hashed(text), contracts: [] })
    const hashes = [long, short].map(text => hashed(text).hash)
    expect(answerOf({ hashes, maxLength: 100 }, known).lists).toEqual([short])
    for (const maxLength of [NaN, -1, -Infinity]) {
      expect(answerOf(readQuestion({ hashes, maxLength }) ?? { hashes, maxLength }, known).lists).toEqual([])
    }
  })
})

describe('bounds of lists', () => {
  it('read no more than 256 hashes of a question, and nothing that is none', () => {
    const { hash } = hashed('[]')
    const hashes = Array.from({ length: MAX_HASHES + 1 }, () => hash)
    expect(readQuestion({ hashes })?.hashes).toHaveLength(MAX_HASHES)
    expect(readQuestion({ hashes: [hash, 7, 'short', null, {}], maxLength: 1e9 })).toEqual(
      { hashes: [hash], maxLength: 1e9 })
    const others = [undefined, null, { readsClock: true }, { hashes: 'all' }].map(readQuestion)
    expect(others).toEqual([undefined, undefined, undefined, undefined])
  })

  it('give no list of more than 32,768 characters together with a question, and take none', () => {
    const [short, long] = ['x'.repeat(MAX_GIVEN_LENGTH), 'x'.repeat(MAX_GIVEN_LENGTH + 1)]
    expect(readGiven(questionFor([], 100, short))).toBe(short)
    expect(questionFor([], 100, long)).toEqual(questionFor([], 100))
    expect([{ own: long }, { own: 7 }, {}, null].map(readGiven)).toEqual([undefined, undefined, undefined, undefined])
  })

  it('let 250 nodes of an address join that have not answered, and others as soon as these have', () => {
    const mesh = world()
    const nodes = Array.from({ length: 251 }, (_, n) => mesh.node(`path-${n}`))
    expect(nodes.filter(node => mesh.lists.trust(node, []))).toHaveLength(250)
    expect(nodes.filter(node => mesh.lists.trust(node, []))).toHaveLength(250)
    const elsewhere = Object.assign(mesh.node('elsewhere'), { address: '10.0.0.1' })
    expect(mesh.lists.trust(elsewhere, [])).toBe(true)
    for (const node of nodes) mesh.lists.prove(node)
    expect(mesh.lists.trust(nodes[250], [])).toBe(true)
  })

  it('want 4,096 lists at a time, and have no further ones asked for', () => {
    const mesh = world()
    const offers = Array.from({ length: 4_097 }, (_, n) => {
      const node = Object.assign(mesh.node('owner'), { isFree: false })
      return node.offer(`hash-${n}`)
    })
    expect(offers.filter(hasRoom => !hasRoom)).toHaveLength(1)
    expect([mesh.lists.size.wanted, mesh.rejected]).toEqual([4_096, ['crowdedOut']])
    expect(Object.assign(mesh.node('owner'), { isFree: false }).offer('hash-0')).toBe(true)
  })

  it('let 1,000 nodes join that have not answered, and others as soon as these have', () => {
    const mesh = world()
    const nodes = Array.from({ length: 1_001 }, (_, n) =>
      Object.assign(mesh.node(`path-${n}`), { address: `10.0.0.${n % 10}` }))
    expect(nodes.filter(node => mesh.lists.trust(node, []))).toHaveLength(1_000)
    mesh.lists.prove(mesh.nodes[0])
    expect(mesh.lists.trust(mesh.nodes[1_000], [])).toBe(true)
  })

  it('let nodes join that have not answered as long as their lists have 50,000 names, equal ones counted once', () => {
    const mesh = world()
    const methods = Array.from({ length: 999 }, (_, n) => ({ name: `method${n}`, idempotent: false }))
    const listOf1000Names = (): readonly Contract[] => [{ path: 'many', methods, events: [] }]
    const shared = listOf1000Names()
    const replicas = Array.from({ length: 100 }, (_, n) => mesh.node(`replica-${n}`))
    expect(replicas.filter(node => mesh.lists.trust(node, shared))).toHaveLength(100)
    const others = Array.from({ length: 50 }, (_, n) => mesh.node(`other-${n}`))
    expect(others.filter(node => mesh.lists.trust(node, listOf1000Names()))).toHaveLength(49)
    // One that offers another list instead leaves room for it.
    expect(mesh.lists.trust(others[0], listOf1000Names())).toBe(true)
    for (const node of replicas) mesh.lists.prove(node)
    expect(mesh.lists.trust(others[49], listOf1000Names())).toBe(true)
  })

  it('are asked for where so much waits to be read that hellos carry too much', async () => {
    const mesh = world()
    const told = (n: number): { readonly hash: string, readonly text: string } => hashed(`["${n}${'x'.repeat(16_000)}"]`)
    const nodes = Array.from({ length: 80 }, (_, n) => mesh.node(`path-${n}`))
    for (const [n, node] of nodes.entries()) {
      node.isFree = false
      node.offer(told(n).hash, tellList(told(n).text))
    }
    const waiting = nodes.filter((_node, n) => !mesh.lists.isMissing(told(n).hash)).length
    expect([waiting > 60, waiting < 70]).toEqual([true, true])
    await until(() => nodes.filter(({ got }) => got.length > 0).length === waiting)
  })

  it('are not read when nobody offers them any more by the time that it is their turn', async () => {
    const mesh = world()
    const node = mesh.node('todos')
    for (let n = 0; n < 30; n++) {
      const { hash, text } = listOf(`path-${n}`)
      node.offer(hash, tellList(text))
    }
    await until(() => node.got.length > 0)
    expect([paths(node), mesh.known.get(listOf('path-0').hash)]).toEqual([['path-29'], undefined])
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
