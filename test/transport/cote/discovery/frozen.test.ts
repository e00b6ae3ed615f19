import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { CoteTransport } from '../../../../lib/transport/cote/cote-transport'
import { writeHello } from '../../../../lib/transport/cote/discovery/write-hello'
import { BareNode } from '../../../bare-node'
import { until } from '../../../until'
import { discoveryPort } from '../legacy/old-node'

const BROADCAST = '127.255.255.255'
const PORT = discoveryPort()
const environment = `frozen-${process.pid}`
const NODE_TIMEOUT = 1_500

let transport: CoteTransport
let other: ChildProcess

afterEach(async () => {
  await transport.stop(0)
  if (other.exitCode !== null || other.signalCode !== null) return
  other.kill('SIGKILL')
  await once(other, 'exit')
})

/** A process of its own that says hello over and over, whatever this one does. */
function sayHello (id: string): ChildProcess {
  const sender = { processId: id, hostName: 'localhost', processCommand: 'a script' }
  const hello = writeHello(id, sender, {
    name: 'feathers services responder',
    key: `${environment}:$$default`,
    namespace: 'default',
    axon_type: 'rep',
    port: 1,
    requests: [],
    appUuid: id,
    appDistributionKey: 'default'
  })
  return spawn(process.execPath, ['-e', `
    const socket = require('node:dgram').createSocket('udp4')
    socket.bind(0, () => {
      socket.setBroadcast(true)
      setInterval(() => socket.send(${JSON.stringify(hello.toString())}, ${PORT}, '${BROADCAST}'), 50)
    })
  `], { stdio: 'ignore' })
}

describe('a node that was frozen', () => {
  it('does not drop peers that kept sending hellos meanwhile', async () => {
    transport = new CoteTransport({ port: PORT, environment, nodeTimeout: NODE_TIMEOUT, checkInterval: 100 })
    const node = await new BareNode(transport).start()
    other = sayHello('other')
    await until('the other node', () => node.peers.has('other'))
    // Timers go before packets when it goes on.
    await new Promise(setImmediate)
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2 * NODE_TIMEOUT)

    other.kill('SIGKILL')
    await until('it to be gone', () => node.departures.length > 0 && !node.peers.has('other'))
    expect(node.departures).toEqual([['other', 'silent']])
  })
})
