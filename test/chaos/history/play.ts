import { setTimeout as delay } from 'node:timers/promises'
import type { DistributedModuleOptions } from 'feathers-mesh'
import { TwoHosts } from '../namespaces'
import { countsOf, failedReads, violationsOf, type History } from './checker'
import { CALLERS, isGentle, REPLICAS, type Fault, type Schedule } from './schedule'
import { secretOf, World, type Member } from './world'

/** What became of a schedule. */
export interface Played {
  readonly violations: readonly string[]
  readonly counts: ReturnType<typeof countsOf>
  /** Calls that may be repeated, and failed. */
  readonly failedReads: readonly string[]
  /** Where the journals are, if there are violations. */
  readonly journals?: string
}

/** How the nodes of a world meet. */
export interface Meeting {
  /** Options of each process by its number: replicas come first, and one that is started again has the same. */
  readonly optionsOf: (n: number) => DistributedModuleOptions
  /** Kills what they meet by, and starts it again. */
  readonly restartServer?: () => Promise<void>
  /** Calls under way at a time, of each caller, where that are fewer. */
  readonly concurrency?: number
}

const BROADCAST: Meeting = {
  optionsOf: () => ({ cote: { helloInterval: 1_000, checkInterval: 500, nodeTimeout: 5_000 } })
}

/** Calls under way at a time, of each caller. */
const CONCURRENCY = 6
/** Milliseconds in which the mesh comes to rest, and each event that is still under way arrives. */
const REST_MS = 4_000
/** Milliseconds that a step of a secret takes to reach all nodes: they read it about once a second. */
const ROTATION_MS = 2_500

/** Makes a world, does to it what the schedule says under load, and checks what its processes wrote down. */
export async function play (schedule: Schedule, meeting = BROADCAST): Promise<Played> {
  const player = new Player(schedule, meeting)
  try {
    const history = await player.play()
    const violations = violationsOf(history)
    const journals = await player.end(violations.length > 0)
    const counts = { counts: countsOf(history), failedReads: failedReads(history) }
    return { violations, ...counts, ...violations.length > 0 ? { journals } : {} }
  } catch (error) {
    await player.end(false)
    throw error
  }
}

class Player {
  private readonly world: World
  private readonly hosts: TwoHosts | undefined
  private readonly replicas: Member[] = []
  private readonly callers: Member[] = []
  /** How many processes each replica has had. */
  private readonly generations: number[] = []
  /** How far the clock of each process is off, in seconds. */
  private readonly clocks = new Map<Member, number>()
  private secrets = 0

  constructor (private readonly schedule: Schedule, private readonly meeting: Meeting) {
    this.world = new World(schedule.hasSecret)
    this.hosts = schedule.isApart ? new TwoHosts() : undefined
  }

  async play (): Promise<History> {
    this.hosts?.create()
    await Promise.all(Array.from({ length: REPLICAS }, async (_, index) => await this.startReplica(index)))
    const starting = Array.from({ length: CALLERS }, async (_, index) =>
      await this.world.start('caller', `caller-${index}`, this.placeOf(1, REPLICAS + index)))
    this.callers.push(...await Promise.all(starting))
    for (const caller of this.callers) await caller.ask('call', this.meeting.concurrency ?? CONCURRENCY)
    await delay(500)
    for (const fault of this.schedule.faults) {
      await delay(fault.after)
      await this.commit(fault)
    }
    await delay(500)
    await Promise.all(this.callers.map(async caller => await caller.ask('finish')))
    await Promise.all(this.replicas.map(async replica => await replica.ask('settle')))
    await delay(REST_MS)
    return this.world.history(isGentle(this.schedule))
  }

  async end (isKept: boolean): Promise<string> {
    const directory = await this.world.end(isKept)
    this.hosts?.remove()
    return directory
  }

  private async startReplica (index: number): Promise<void> {
    const generation = this.generations[index] = (this.generations[index] ?? 0) + 1
    // The first replica is the one whose cable can be pulled.
    const place = this.placeOf(index === 0 ? 0 : 1, index)
    this.replicas[index] = await this.world.start('replica', `replica-${index}.${generation}`, place)
  }

  private placeOf (
    side: 0 | 1, n: number
  ): { seed: number, options: DistributedModuleOptions, through?: readonly string[] } {
    const { seed, hasSecret } = this.schedule
    const options = this.meeting.optionsOf(n)
    if (this.hosts === undefined) return { seed, options }
    const network = { broadcast: TwoHosts.BROADCAST, address: this.hosts.addresses[side] }
    const apart = { insecure: hasSecret ? undefined : true, cote: { ...options.cote, ...network } }
    return { seed, options: { ...options, ...apart }, through: this.hosts.on(side) }
  }

  private async commit (fault: Fault): Promise<void> {
    const { kind, amount, target: { role, index } } = fault
    const member = (role === 'replica' ? this.replicas : this.callers)[index]
    switch (kind) {
      case 'kill':
      case 'restart':
        member.signal(kind === 'kill' ? 'SIGKILL' : 'SIGTERM')
        await member.ended
        return await this.startReplica(index)
      case 'freeze':
        await member.ask('freeze')
        await delay(amount)
        return member.signal('SIGCONT')
      case 'rejoin': return await member.ask('rejoin', amount / 10)
      case 'step': return this.step(member, amount)
      case 'reset': return await this.callers[index % CALLERS].ask('reset')
      case 'cut':
        this.hosts?.cut(0)
        await delay(amount)
        return this.hosts?.restore(0)
      case 'rotate': return await this.rotate()
      case 'server': return await this.meeting.restartServer?.()
    }
  }

  private step (member: Member, seconds: number): void {
    const off = (this.clocks.get(member) ?? 0) + seconds
    this.clocks.set(member, off)
    member.clock.step(off)
  }

  /** As SECURITY.md says: first both are accepted, then the new one is used, then the old one is not accepted. */
  private async rotate (): Promise<void> {
    const [old, next] = [this.secrets, this.secrets + 1].map(secretOf)
    this.secrets++
    for (const secrets of [[old, next], [next, old], [next]]) {
      this.world.setSecrets(secrets)
      await delay(ROTATION_MS)
    }
  }
}
