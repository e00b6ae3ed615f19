/** A text that no value was encoded as. */
export class MalformedValue extends Error {
  override readonly name = 'MalformedValue'
}
