import type { ToLauncher } from './messages'

export function tellLauncher (message: ToLauncher): void {
  // There is no channel when the program was started by hand.
  process.send?.(message)
}

/** The value of an environment variable that the launcher sets. */
export function setting (name: string): string {
  const value = process.env[name]
  if (!value) throw new Error(`Set ${name}, or start the sample with launch.js, which sets it`)
  return value
}

/** Runs `stop` once, when the user or the launcher ends the program, or the launcher is gone; then ends the process. */
export function stopWhenAsked (stop: () => Promise<unknown>): void {
  let stopping = false
  const end = () => {
    if (stopping) return
    stopping = true
    stop().then(() => process.exit(0), fail)
  }
  process.on('SIGINT', end).on('SIGTERM', end).on('SIGHUP', end).on('disconnect', end)
  if (process.env.npm_lifecycle_event) whenOrphaned(end)
}

/** npm hands SIGTERM to the shell that runs its script, and that may die of it without a word to us. */
function whenOrphaned (end: () => void): void {
  const parent = process.ppid
  setInterval(() => { if (process.ppid !== parent) end() }, 500).unref()
}

/** Says why the process can't go on (an error with its stack, a sentence as it is), and ends it. */
export function fail (reason: unknown): never {
  console.error(reason)
  process.exit(1)
}
