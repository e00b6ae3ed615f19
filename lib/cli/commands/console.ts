import { once } from 'node:events'
import type { MeshObserver } from '../../inspection/observer/observer'
import { readNumber, type Asked } from '../arguments'
import { ConsoleServer } from '../console/console-server'
import type { Output } from '../output'

/** Where the address is printed, and what ends it. */
export interface ConsoleTerms {
  readonly output: Output
  readonly signal: AbortSignal
}

/** Serves the page until the signal ends it. @throws WrongUsage */
export async function showConsole (
  observer: MeshObserver, { values }: Asked, { output, signal }: ConsoleTerms
): Promise<void> {
  const port = readNumber('port', values.port, 0)
  const server = new ConsoleServer(observer, { port, allowsCalls: values['allow-calls'] === true })
  const url = await server.open()
  try {
    if (output.isJson) output.json({ url })
    output.line(`Open ${url}`)
    output.line('Whoever has this address sees the mesh as this command does. Ctrl-C ends it.')
    if (!signal.aborted) await once(signal, 'abort')
  } finally {
    await server.close()
  }
}
