import type { Command, Outcome, PlainError, ToTest } from './messages'

export type Commands = Readonly<Record<string, (argument: never) => unknown>>

/** Messages on their way: long ones leave in parts. */
const leaving = new Set<Promise<void>>()

function send (message: ToTest): void {
  // A test that has ended takes no message any more.
  if (!process.connected) return
  const sent = new Promise<void>(resolve => { process.send?.(message, () => resolve()) })
  leaving.add(sent)
  void sent.then(() => leaving.delete(sent))
}

/** Tells the test what has happened. */
export function tell (event: string, value: unknown = null): void {
  send({ event, value })
}

/** Executes the commands of the test, and reports the outcomes. */
export function obey (commands: Commands): void {
  process.on('message', ({ id, name, argument }: Command) => {
    void outcomeOf(async () => {
      const command = commands[name]
      if (command === undefined) throw new Error(`This program has no command '${name}'`)
      return await command(argument as never)
    }).then(outcome => send({ id, outcome }))
  })
  // Without the test there is nobody to end this program.
  process.on('disconnect', () => process.exit(1))
  tell('obeys')
}

/** Disconnects from the test, so that the program exits when nothing else keeps it alive. */
export function release (): void {
  process.removeAllListeners('disconnect')
  void Promise.all(leaving).then(() => { if (process.connected) process.disconnect() })
}

/** Runs `stop` on SIGTERM. The program must then exit on its own, which an open handle would prevent. */
export function stopOnSigterm (stop: () => Promise<unknown>): void {
  process.once('SIGTERM', () => {
    stop().then(release, error => {
      console.error(error)
      process.exit(1)
    })
  })
}

/** What became of a call, so that JSON can carry it. */
export async function outcomeOf (call: () => Promise<unknown>): Promise<Outcome> {
  try {
    return { value: await call() ?? null }
  } catch (error) {
    return { error: plainError(error) }
  }
}

function plainError (thrown: unknown): PlainError {
  const { name, message, code, className, data, errors } = thrown as PlainError
  return { name, message, code, className, data, errors }
}
