import type { Answer, Command } from './messages'

export type Commands = Readonly<Record<string, (argument: never) => unknown>>

function send (answer: Answer): void {
  if (process.connected) process.send?.(answer, () => {})
}

async function carryOut (commands: Commands, { id, name, argument }: Command): Promise<Answer> {
  try {
    if (commands[name] === undefined) throw new Error(`there is no command '${name}'`)
    return { id, value: await commands[name](argument as never) ?? null }
  } catch (error) {
    return { id, error: error instanceof Error ? String(error.stack) : String(error) }
  }
}

/** Does what the bench asks; ends with it. */
export function obey (commands: Commands): void {
  process.on('message', (command: Command) => { void carryOut(commands, command).then(send) })
  process.on('disconnect', () => process.exit())
  send({ id: 'ready' })
}
