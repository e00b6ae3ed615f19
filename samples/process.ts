import type { DistributedModule } from 'feathers-mesh'

/** The message to the launcher when a program is ready. Only programs with a page or an API have a URL. */
export interface Ready { type: 'ready', url?: string }

/** Whether a launcher started this program, and can receive messages. */
export const hasLauncher = (): boolean => process.send !== undefined

export function tellLauncher<Message extends { type: string }> (message: Message): void {
  process.send?.(message)
}

/** Reports that the program is ready: to its launcher or, if a user started it, in the terminal. */
export function tellReady (url?: string): void {
  const message: Ready = { type: 'ready', url }
  if (hasLauncher()) tellLauncher(message)
  else console.log(url === undefined ? 'ready' : announcement(url))
}

/** The line by which people and tests find a sample. */
export const announcement = (url: string): string => `feathers-mesh sample: ${url}`

/** The value of an environment variable that the launcher sets. */
export function setting (name: string): string {
  const value = process.env[name]
  if (!value) throw new Error(`Set ${name}, or start the sample with launch.js, which sets it`)
  return value
}

/** Milliseconds in which a load balancer learns by `/readyz` that it must send no more requests here. */
const shutdownDelay = Number(process.env.SHUTDOWN_DELAY ?? (hasLauncher() ? 0 : 5_000))

/** Ends a node in order after SIGTERM and Ctrl-C, and also when its launcher or its terminal has gone. */
export function stopInOrder (mesh: DistributedModule): void {
  mesh.stopOnSignals({ shutdownDelay })
  const end = () => {
    // A second signal would end it at once.
    if (!mesh.health().draining) process.kill(process.pid, 'SIGINT')
  }
  process.on('SIGHUP', end).on('disconnect', end)
  if (process.env.npm_lifecycle_event) whenOrphaned(end)
}

/** Runs `stop` once, when the user or the launcher ends the program or the launcher has exited; then exits. */
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

/** npm sends SIGTERM to the shell that runs its script, and the shell may exit without passing it on to us. */
function whenOrphaned (end: () => void): void {
  const parent = process.ppid
  setInterval(() => { if (process.ppid !== parent) end() }, 500).unref()
}

/** Prints why the process can't continue, and exits. An error is printed with its stack. */
export function fail (reason: unknown): never {
  console.error(reason)
  process.exit(1)
}
