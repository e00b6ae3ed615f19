import type { AddressInfo, Server } from 'node:net'
import { ConfigurationError } from '../../../errors'

/** Where a node's TCP servers are bound. */
export interface BindOptions {
  readonly host: string
  /** The first port to try; without it the operating system chooses. */
  readonly basePort?: number
  /** The last port to try. */
  readonly highestPort?: number
}

/**
 * Binds a server, and returns its port. A range is tried port by port with the real server, so that no other process
 * can take a port between a probe and its use.
 *
 * @throws {@link ConfigurationError} when no port of the range is free, or the address is not one of this machine
 */
export async function bindPort (server: Server, options: BindOptions): Promise<number> {
  const { host, basePort = 0, highestPort = basePort } = options
  for (let port = basePort; port <= highestPort; port++) {
    if (await tryPort(server, host, port)) return (server.address() as AddressInfo).port
  }
  const ports = basePort === highestPort ? `port ${basePort} is` : `all ports from ${basePort} to ${highestPort} are`
  throw new ConfigurationError([
    `${ports} in use on ${host}; choose another port in listen (MESH_LISTEN), or a range with room in ` +
    'cote: { basePort, highestPort } (BASE_PORT, HIGHEST_PORT), or leave all of them out'
  ])
}

/** The system's codes for an address that it lacks, a family that is turned off, and a text that is no address. */
const NO_ADDRESS = ['EADDRNOTAVAIL', 'EAFNOSUPPORT', 'ENOTFOUND', 'EAI_AGAIN', 'EINVAL']

function noAddress (host: string, { code }: NodeJS.ErrnoException): ConfigurationError {
  const fault = `this machine has no address '${host}' (${code}); ` +
    'give one that it has with cote: { address }, or leave it out'
  return Object.assign(new ConfigurationError([fault]), { code })
}

async function tryPort (server: Server, host: string, port: number): Promise<boolean> {
  return await new Promise<boolean>((resolve, reject) => {
    const onError = (error: NodeJS.ErrnoException): void => {
      server.off('listening', onListening)
      if (error.code === 'EADDRINUSE') resolve(false)
      else reject(NO_ADDRESS.includes(error.code ?? '') ? noAddress(host, error) : error)
    }
    const onListening = (): void => {
      server.off('error', onError)
      resolve(true)
    }
    server.once('error', onError)
    server.once('listening', onListening)
    server.listen({ port, host, exclusive: true })
  })
}
