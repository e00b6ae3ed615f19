import { MalformedMessage } from '../../transport'

/** Bytes that are not cote's wire. */
export class MalformedFrame extends MalformedMessage {
  override readonly name = 'MalformedFrame'

  /** @param reason - what it is counted as */
  constructor (message: string, readonly reason: 'malformedFrame' | 'overlongMessage' = 'malformedFrame') {
    super(message)
  }
}
