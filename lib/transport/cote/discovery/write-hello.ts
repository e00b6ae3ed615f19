import type { Advertisement } from './hello'

/** The sender of packets, as cote's log of a peer shows it. */
export interface Sender {
  readonly processId: string
  readonly hostName: string
  readonly processCommand: string
  /** The address or name, and perhaps a port, at which nodes of a mesh reach it. */
  readonly advertise?: string
  /** The UDP port at which it alone reads answers to its hellos. */
  readonly answerPort?: number | undefined
  /** Whether nodes of feathers-mesh alone can read its hellos, and need less in them. */
  readonly isSealed?: boolean
}

/**
 * Writes the hello of one component.
 *
 * @param now - what the mesh clock of this node shows
 */
export function writeHello (iid: string, sender: Sender, advertisement: Advertisement, now?: number): Buffer {
  const { advertise, answerPort } = sender
  const mesh = advertisement.mesh === undefined ? {} : { mesh: { ...advertisement.mesh, now, advertise, answerPort } }
  const data = { advertisement: { type: 'service', ...advertisement, ...mesh } }
  if (sender.isSealed === true) return writePacket('hello', iid, sender, data)
  return writePacket('hello', iid, sender, {
    // Fields that stock peers expect. We never take part in the election of a master, which cote makes no use of.
    isMaster: false,
    isMasterEligible: false,
    weight: 0,
    address: '127.0.0.1',
    ...data,
    id: iid,
    processId: sender.processId,
    processCommand: sender.processCommand
  })
}

/** Writes the last packet of a component. Stock peers ignore its event. */
export function writeGoodbye (iid: string, sender: Sender): Buffer {
  return writePacket('goodbye', iid, sender, {})
}

function writePacket (event: string, iid: string, sender: Sender, data: object): Buffer {
  return Buffer.from(JSON.stringify({ event, pid: sender.processId, iid, hostName: sender.hostName, data }))
}
