import type { Journal } from './journal'

/** Writes down what nobody caught, and ends the process as Node would. */
export function recordUncaught (name: string, journal: Journal): void {
  for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
    process.on(event, (thrown: unknown) => {
      const message = thrown instanceof Error ? String(thrown.stack) : String(thrown)
      journal.write({ kind: 'fault', message: `${name}: ${event}: ${message}` })
      process.exit(1)
    })
  }
}
