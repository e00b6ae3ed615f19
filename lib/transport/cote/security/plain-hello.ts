import type { Packet } from '../hello'

/** Says what a node has to do that said hello without any proof. */
export function plainHelloDetail ({ hostName, advertisement }: Packet): string {
  const host = hostName === undefined ? '' : ` on ${JSON.stringify(hostName)}`
  return advertisement !== undefined && advertisement.mesh === undefined
    ? `a node of feathers-distributed${host} can't prove a secret; for as long as there are such, the mesh can have none`
    : `a node${host} has no secret; give it that of this mesh`
}
