import type { Place } from '../systems/system'
import type { SystemName } from '../systems/systems'
import { Child } from './child'

/** A host and a caller of one system, each in a process of its own. */
export class Pair {
  readonly host: Child
  readonly caller: Child
  private meetingPlace: Place | undefined

  /** @param folder - where bench lies: in the build of another commit, or here */
  constructor (
    readonly system: SystemName, nodeOptions: { host?: string[], caller?: string[] } = {}, folder?: string
  ) {
    this.host = new Child('processes/node', [], nodeOptions.host, folder)
    this.caller = new Child('processes/node', [], nodeOptions.caller, folder)
  }

  /** Where its nodes meet; others can come there. */
  get place (): Place {
    if (this.meetingPlace === undefined) throw new Error(`${this.system} has not been loaded`)
    return this.meetingPlace
  }

  /** Loads the code of both; nothing is started. */
  async load (place: Place): Promise<void> {
    this.meetingPlace = place
    const argument = { system: this.system, place }
    await Promise.all([this.host.ask('load', argument), this.caller.ask('load', argument)])
  }

  /** Starts both; resolves when calls can be made. */
  async start (place: Place): Promise<void> {
    await this.load(place)
    await this.host.ask('host')
    await this.caller.ask('connect')
  }

  async kill (): Promise<void> {
    await Promise.all([this.host.kill(), this.caller.kill()])
  }

  async end (): Promise<void> {
    await Promise.all([this.host.end(), this.caller.end()])
  }
}

const FIRST_PORT = 10_000
const PORTS_PER_PLACE = 250
const PLACES = 88

let places = 0

/** A place that no other run of this bench has, and hardly one of another bench. */
export function newPlace (defaults = false): Place {
  const place = (process.pid + places++) % PLACES
  return { name: `bench-${process.pid}-${places}`, port: FIRST_PORT + place * PORTS_PER_PLACE, replica: 0, defaults }
}
