/** Bytes that are not cote's wire. */
export class MalformedFrame extends Error {
  override readonly name = 'MalformedFrame'
}
