import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Contract, Peer, ReplyHandler } from 'feathers-mesh/transport'
import { ContractExchange } from '../../../../lib/transport/session/contracts/contract-exchange'
import { writeList, type ListText } from '../../../../lib/transport/session/contracts/contract-list'
import { KnownLists } from '../../../../lib/transport/session/contracts/known-lists'
import { WantedLists } from '../../../../lib/transport/session/contracts/wanted-lists'
import { until } from '../../../until'

const contractOf = (path: string): Contract => ({ path, methods: [{ name: 'find', idempotent: true }], events: [] })
const listOf = (path: string): ListText => writeList([contractOf(path)]) ?? { hash: '', text: '' }
const [before, after] = [listOf('before'), listOf('after')]

/** A peer whose hellos and answers the test makes up. */
class Scene {
  readonly lists = new WantedLists(new KnownLists())
  readonly questions: Array<readonly string[]> = []
  readonly peers: Peer[] = []
  readonly notes: unknown[] = []
  readonly rejected: string[] = []
  private readonly handlers: ReplyHandler[] = []
  readonly exchange = new ContractExchange({
    peerId: 'peer',
    key: 'default',
    address: () => '127.0.0.1',
    host: { onRejected: reason => this.rejected.push(reason) },
    lists: this.lists,
    isConnected: () => true,
    request: (handler, hashes = []) => {
      this.questions.push(hashes)
      this.handlers.push(handler)
    },
    onContracts: peer => this.peers.push(peer),
    onOtherNode: id => this.notes.push(id),
    onUnreadable: answer => this.notes.push(answer),
    onFailure: reason => {
      this.notes.push(reason)
      return false
    }
  })

  /** The peer answers one of the questions. */
  answer (question: number, revision: number, { hash, text }: ListText): void {
    this.settle(question, { revision, hash, lists: [text] })
  }

  settle (question: number, answer: object): void {
    this.handlers[question]?.settle(null, { id: 'peer', now: Date.now(), ...answer })
  }

  get paths (): readonly string[] {
    return this.peers.flatMap(({ contracts }) => contracts.map(({ path }) => path))
  }
}

let scene: Scene

beforeEach(() => { scene = new Scene() })

afterEach(() => {
  scene.exchange.stop()
  scene.lists.stop()
})

describe('a peer that goes by the hash of its list', () => {
  it('offers what its later hello tells, although an answer from before comes after it', async () => {
    const { exchange } = scene
    exchange.update(1, before.hash)
    exchange.update(2, after.hash)
    scene.answer(0, 1, before)
    expect(scene.questions).toEqual([[before.hash], [after.hash]])
    scene.answer(1, 2, after)
    await until(() => scene.peers.length > 0)
    await nextTurn()
    expect([scene.paths, scene.questions.length, scene.lists.size.wanted]).toEqual([['after'], 2, 0])
  })

  it('offers what its answer tells where that is later than its hello', async () => {
    scene.exchange.update(1, before.hash)
    scene.answer(0, 2, after)
    expect(scene.questions).toEqual([[before.hash], [after.hash]])
    scene.answer(1, 2, after)
    await until(() => scene.paths.includes('after'))
  })

  it('is asked for its contracts where it withholds the list, also when its next hello tells of it', async () => {
    const { exchange } = scene
    exchange.update(1, before.hash)
    scene.settle(0, { revision: 1, hash: before.hash, lists: [] })
    expect([scene.questions, scene.lists.size.wanted]).toEqual([[[before.hash], []], 0])
    scene.settle(1, { revision: 1, contracts: [contractOf('before')] })
    await until(() => scene.paths.includes('before'))
    exchange.update(1, before.hash)
    expect(scene.questions).toHaveLength(2)
    exchange.update(2, before.hash)
    expect(scene.questions).toEqual([[before.hash], [], []])
    scene.settle(2, { revision: 2, contracts: [contractOf('before')] })
    exchange.update(3, after.hash)
    await until(() => scene.questions.length === 4)
    expect(scene.questions[3]).toEqual([after.hash])
  })

  it('is counted where it tells of two lists by one revision', () => {
    scene.exchange.update(1, before.hash)
    scene.settle(0, { revision: 1, hash: after.hash, lists: [] })
    expect(scene.rejected).toEqual(['wrongContracts'])
  })

  it('is not asked any more for a list that it has taken back', async () => {
    const { exchange } = scene
    exchange.update(1, before.hash)
    scene.answer(0, 1, before)
    await until(() => scene.peers.length === 1)
    exchange.update(2, after.hash)
    exchange.update(3, before.hash)
    expect(scene.lists.size.wanted).toBe(0)
  })

  it('does nothing more by an answer, or a hello, that comes after it has left', async () => {
    const { exchange } = scene
    exchange.update(1, before.hash)
    exchange.stop()
    scene.answer(0, 2, after)
    exchange.update(3, after.hash)
    await nextTurn()
    await nextTurn()
    expect(scene.questions).toEqual([[before.hash]])
    expect([scene.peers, scene.notes, scene.lists.size]).toEqual([[], [], { wanted: 0, asked: 0 }])
  })
})
