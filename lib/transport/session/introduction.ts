import type { Caller } from '../../contract/contract'
import { MalformedMessage } from '../transport'
import { wrongKeyDetail } from '../rejections'
import { readIntroduction } from './control'

/** Who calls on a connection, as far as the peer has stated or proven it. */
export class CallerIdentity {
  /** A node that has not said who it is has an address only. */
  caller: Caller
  private meant: string | undefined

  /**
   * @param address - where the connection comes from
   * @param provenKeys - the keys that it has proven, where it has proven any
   */
  constructor (address: string, private readonly provenKeys?: readonly string[]) {
    this.caller = Object.freeze({ proven: false, address })
  }

  /** Whether it means the node with this id, as far as it tells. */
  means (id: string): boolean {
    return this.meant === undefined || this.meant === id
  }

  /**
   * The caller says who it is: once, and with a key that it has proven, where keys are.
   *
   * @param data - what it sent: anything
   * @returns what is wrong with it; undefined if nothing is
   * @throws {@link MalformedMessage} for what is no introduction, and for a second one
   */
  introduce (data: unknown): string | undefined {
    const introduction = readIntroduction(data)
    const { provenKeys, caller: { node: known, address } } = this
    if (introduction === undefined || known !== undefined) throw new MalformedMessage('no introduction')
    const { node, key, to } = introduction
    if (provenKeys !== undefined && !provenKeys.includes(key)) return wrongKeyDetail(provenKeys, key)
    this.meant = to
    this.caller = Object.freeze({ node, key, proven: provenKeys !== undefined, address })
    return undefined
  }
}
