import { readPlace } from '../../addresses'
import type { Look, LookContext, PlaceWay } from '../way'
import { DnsLook } from './dns-look'
import type { DnsQuestion } from './dns-records'

/** Finds nodes by the addresses of a name in DNS, or by its SRV records. */
export class DnsWay implements PlaceWay {
  readonly hosts: readonly string[]
  readonly listenPort: number | undefined

  constructor (private readonly question: DnsQuestion) {
    const { name, port, server } = question
    this.listenPort = port
    this.hosts = [name, ...server === undefined ? [] : [readPlace(server)?.host ?? server]]
  }

  title (): string {
    const { name, port, server } = this.question
    const records = port === undefined ? `SRV records of ${name} in DNS` : `addresses of ${name} in DNS, port ${port}`
    return `by the ${records}${server === undefined ? '' : `, server ${server}`}`
  }

  look (context: LookContext): Look {
    return new DnsLook(this.question, context)
  }
}
