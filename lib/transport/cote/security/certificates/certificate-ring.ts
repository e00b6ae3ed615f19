import { ConfigurationError } from '../../../../errors'
import { PROCESS_LOG, type NodeLog } from '../../../../log'
import {
  copyOfCertificates, faultsOfCertificates, NodeCertificate, textOfCertificates, type Certificates
} from './node-certificate'
import { faultsOf, Refreshed } from '../../../secrets/refreshed'

/** The certificates of a node, or a function that returns them, which is called about once a second. */
export type CertificatesOption = Certificates | (() => Certificates)

/**
 * What is wrong with the certificates of a node, in words that don't reveal the private key.
 *
 * @param key - the key of the node, as its options give it
 */
export function certificateFaults (certificates: unknown, name: string, key: string): string[] {
  return faultsOf(certificates, name, {
    copy: copyOfCertificates, faults: (given, what) => faultsFor(key, given, what)
  })
}

function faultsFor (key: string, given: unknown, name: string): string[] {
  const faults = faultsOfCertificates(given, name)
  // Values without faults are certificates.
  return faults.length > 0 ? faults : keyFaults(key, new NodeCertificate(given as Certificates), name)
}

function keyFaults (key: string, { keys }: NodeCertificate, name: string): string[] {
  if (keys.includes(key)) return []
  return [`${name}: the certificate is that of ${keys.join(', ')}, and option 'key' says that this node is ` +
    `${JSON.stringify(key)}; give it a subjectAltName URI:feathers-mesh:key:${encodeURIComponent(key)}, or the node another key`]
}

/** The current certificate of a node. */
export class CertificateRing {
  readonly #certificates: Refreshed<Certificates, NodeCertificate>
  #key: string | undefined
  #warnedOf = ''
  #log = PROCESS_LOG

  /** @throws {@link ConfigurationError} if they are wrong */
  constructor (certificates: CertificatesOption) {
    this.#certificates = new Refreshed(certificates, {
      option: 'tls',
      copy: copyOfCertificates,
      faults: (given, name) => this.#key === undefined
        ? faultsOfCertificates(given, name)
        : faultsFor(this.#key, given, name),
      make: given => new NodeCertificate(given),
      textOf: textOfCertificates
    })
  }

  /** The certificate that counts now. Warns once when it has expired. */
  get current (): NodeCertificate {
    const current = this.#certificates.value
    if (Date.now() > current.validTo && this.#warnedOf !== current.id) {
      this.#warnedOf = current.id
      this.#log.tell('FEATHERS_MESH_CERTIFICATE_EXPIRED', 'the certificate of this node has expired, and other nodes ' +
        "refuse it; start the node with another one, or give option 'tls' a function that returns the one that counts",
      { option: 'tls' })
    }
    return current
  }

  /** Tells from now on there what is wrong with later certificates. */
  tellTo (log: NodeLog): void {
    this.#log = log
    this.#certificates.tellTo(log)
  }

  /**
   * Binds the ring to a node: from now on, certificates must name its key.
   *
   * @throws {@link ConfigurationError} if the current one does not
   */
  claim (key: string): void {
    const faults = keyFaults(key, this.current, "option 'tls'")
    if (faults.length > 0) throw new ConfigurationError(faults)
    this.#key = key
  }
}
