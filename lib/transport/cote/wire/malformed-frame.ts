/** Bytes that are not cote's wire. */
export class MalformedFrame extends Error {
  override readonly name = 'MalformedFrame'

  /** @param reason - what it is counted as */
  constructor (message: string, readonly reason: 'malformedFrame' | 'overlongMessage' = 'malformedFrame') {
    super(message)
  }
}
