import { once } from 'node:events'
import { createServer, type AddressInfo, type Server } from 'node:net'
import { ConfigurationError } from 'feathers-mesh'
import { bindPort } from '../../../../lib/transport/cote/inbound/bind-port'
import { rejection } from '../../../until'

let servers: Server[] = []

afterEach(async () => {
  const open = servers.filter(server => server.listening)
  servers = []
  await Promise.all(open.map(async server => {
    server.close()
    await once(server, 'close')
  }))
})

function server (): Server {
  const made = createServer()
  servers.push(made)
  return made
}

/** A port in use, with a free one behind it, as far as that can be known. */
async function takenPort (): Promise<number> {
  for (;;) {
    const [taken, next] = [server(), server()]
    const port = await bindPort(taken, { host: '127.0.0.1' })
    try {
      await bindPort(next, { host: '127.0.0.1', basePort: port + 1 })
    } catch {
      continue
    }
    next.close()
    await once(next, 'close')
    return port
  }
}

describe('the port of a server', () => {
  it('is chosen by the operating system when no port is configured', async () => {
    const [one, other] = [server(), server()]
    const ports = [await bindPort(one, { host: '127.0.0.1' }), await bindPort(other, { host: '127.0.0.1' })]
    expect(ports[0]).not.toBe(ports[1])
    expect(one.address()).toEqual({ address: '127.0.0.1', family: 'IPv4', port: ports[0] })
  })

  it('is the first free port of the range', async () => {
    const taken = await takenPort()
    const one = server()
    const port = await bindPort(one, { host: '127.0.0.1', basePort: taken, highestPort: taken + 1 })
    expect(port).toBe(taken + 1)
    expect((one.address() as AddressInfo).port).toBe(port)
  })

  it('is refused with a remedy when it is in use', async () => {
    const taken = await takenPort()
    const error = await rejection(bindPort(server(), { host: '127.0.0.1', basePort: taken }))
    expect(error).toBeInstanceOf(ConfigurationError)
    expect(error.message).toMatch(new RegExp(`port ${taken} .*in use.*; choose another port in listen \\(MESH_LISTEN\\), or a range with room`))
  })

  it('is refused when the whole range is in use', async () => {
    const taken = await takenPort()
    await bindPort(server(), { host: '127.0.0.1', basePort: taken + 1 })
    const error = await rejection(bindPort(server(), { host: '127.0.0.1', basePort: taken, highestPort: taken + 1 }))
    expect(error.message).toContain(`all ports from ${taken} to ${taken + 1} `)
  })

  it('is refused with the reason when this machine lacks the address', async () => {
    // 192.0.2.0/24 is for documentation: no machine has it.
    expect(await rejection(bindPort(server(), { host: '192.0.2.1' }))).toMatchObject({ code: 'EADDRNOTAVAIL' })
  })

  it('is bound without leaving listeners on the server', async () => {
    const taken = await takenPort()
    const one = server()
    const before = [one.listenerCount('error'), one.listenerCount('listening')]
    await bindPort(one, { host: '127.0.0.1', basePort: taken, highestPort: taken + 1 })
    expect([one.listenerCount('error'), one.listenerCount('listening')]).toEqual(before)
  })
})
