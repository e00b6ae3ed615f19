import type { MeshObserver } from '../../inspection/observer/observer'
import { readNumber, WrongUsage, type Asked } from '../arguments'
import type { Output } from '../output'

/** How many letters are listed. */
const LIMIT = 100

/**
 * Lists the durable events that no listener could handle, shows one of them, or gives it to its group once more.
 *
 * @returns whether there was something to print
 * @throws WrongUsage; {@link ConfigurationError} where the transport keeps no events
 */
export async function showDeadLetters (
  { deadLetters }: MeshObserver, { words: [action = 'list', id], values }: Asked, output: Output
): Promise<boolean> {
  switch (action) {
    case 'list': {
      const letters = await deadLetters.list({ limit: readNumber('count', values.count, LIMIT) })
      if (output.isJson) output.json({ letters })
      else if (letters.length === 0) output.line('there are no dead letters')
      output.table(['ID', 'EVENT', 'GROUP', 'GIVEN', 'SINCE', 'REASON'], letters.map(letter => [
        String(letter.id), `${letter.path} ${letter.event}`, letter.group, `${letter.deliveries} times`,
        letter.time.toISOString(), letter.reason
      ]))
      return letters.length > 0
    }
    case 'show': {
      const letter = await deadLetters.get(idOf(id))
      if (letter === undefined) return missing(output, id)
      output.json(letter)
      return true
    }
    case 'resend': {
      if (!await deadLetters.resend(idOf(id))) return missing(output, id)
      output.line(`the event of dead letter ${id ?? ''} goes to its group once more`)
      return true
    }
    default: throw new WrongUsage(`dead-letters takes list, show <id> or resend <id>, and not '${action}'`)
  }
}

function idOf (text: string | undefined): number {
  const id = Number(text)
  if (Number.isSafeInteger(id) && id > 0) return id
  throw new WrongUsage('the id of a dead letter is a whole number above 0; dead-letters list tells it')
}

function missing (output: Output, id: string | undefined): boolean {
  output.line(`there is no dead letter ${id ?? ''}`)
  return false
}
