/** A peer sent what is no message: its connection is closed, and nothing else is harmed. */
export class MalformedMessage extends Error {
  override readonly name: string = 'MalformedMessage'
}
