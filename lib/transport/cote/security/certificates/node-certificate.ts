import { createHash, createPrivateKey, sign, X509Certificate, type KeyObject } from 'node:crypto'
import { createSecureContext, type SecureContext, type SecureContextOptions } from 'node:tls'
import { Authority } from './authority'
import { printable } from '../../../../printable'
import { fieldsOf, isRecord } from '../../../../record'
import { TLS_1_3 } from '../tls/dial-tls'

type Pem = string | Buffer

/** The certificates with which a node proves itself, as Node's TLS expects them: strings in PEM, or Buffers of such. */
export interface Certificates {
  /** The private key, without a passphrase. */
  readonly key: Pem
  /** The certificate of this node; it names the key of the node: `subjectAltName = URI:feathers-mesh:key:<key>`. */
  readonly cert: Pem
  /** The authorities that issue for nodes of the mesh, and their own issuers up to the root. */
  readonly ca: Pem | readonly Pem[]
}

const FIELDS = ['key', 'cert', 'ca']
const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g

/** Reads certificates once, into a copy that nobody else changes. What is no object is returned as it is. */
export function copyOfCertificates (given: unknown): unknown {
  if (!isRecord(given)) return given
  const others = Object.keys(given).filter(field => !FIELDS.includes(field)).map(field => [field, undefined])
  return Object.fromEntries([...FIELDS.map(field => [field, copyOfPems(given[field])]), ...others])
}

function copyOfPems (given: unknown): unknown {
  const copy = (pem: unknown): unknown => Buffer.isBuffer(pem) ? Buffer.from(pem) : pem
  return Array.isArray(given) ? [...given].map(copy) : copy(given)
}

/** A text that is equal for equal certificates. */
export function textOfCertificates ({ key, cert, ca }: Certificates): string {
  return [key, cert, ca].flat().map(String).join('\0')
}

/** A node's own certificate. Private fields keep its private key from showing when it is printed. */
export class NodeCertificate {
  /** The certificate in DER. */
  readonly raw: Buffer
  /** Identifies the certificates that connections are opened with. */
  readonly id: string
  /** The keys that it names. */
  readonly keys: readonly string[]
  readonly validTo: number
  /** Judges the certificates of other nodes. */
  readonly authority: Authority
  /** The TLS context of connections that this node opens. */
  readonly context: SecureContext
  readonly #key: KeyObject
  readonly #options: SecureContextOptions

  /** @param certificates - without faults, as {@link faultsOfCertificates} finds them */
  constructor (certificates: Certificates) {
    const { key, cert, ca } = certificates
    const certificate = new X509Certificate(cert)
    this.raw = certificate.raw
    this.id = createHash('sha256').update([cert, ca].flat().join('\0')).digest('hex')
    this.validTo = Date.parse(certificate.validTo)
    this.authority = new Authority(certificatesIn(ca))
    const judgement = this.authority.judge(this.raw)
    this.keys = typeof judgement === 'string' ? [] : judgement.keys
    this.#key = createPrivateKey(key)
    this.#options = { ...TLS_1_3, key, cert, ca: [ca].flat() }
    this.context = createSecureContext(this.#options)
  }

  /** The TLS options of connections that this node accepts; they hold the private key. */
  serverOptions (): SecureContextOptions {
    return this.#options
  }

  /** Signs bytes with the private key. */
  sign (bytes: Buffer): Buffer {
    return sign(digestOf(this.#key), bytes, this.#key)
  }
}

/** The digest that a key signs. Ed25519 and Ed448 have a digest of their own. */
export function digestOf ({ asymmetricKeyType }: KeyObject): 'sha256' | undefined {
  return asymmetricKeyType?.startsWith('ed') === true ? undefined : 'sha256'
}

/** What is wrong with certificates, in words that don't reveal the private key. */
export function faultsOfCertificates (given: unknown, name: string): string[] {
  if (!isComplete(given)) return [`${name} must have key, cert and ca: texts in PEM, or Buffers with such; ca may be a list`]
  const others = Object.keys(given).filter(field => !FIELDS.includes(field))
  if (others.length > 0) return [`${name} knows key, cert and ca, and no ${printable(others.join(', '))}`]
  const { key, cert, ca } = given
  const privateKey = attempt(() => createPrivateKey(key))
  const certificate = attempt(() => new X509Certificate(cert))
  const authorities = attempt(() => certificatesIn(ca)) ?? []
  if (privateKey === undefined) return [`${name}: key is no private key in PEM, or has a passphrase; give it without`]
  if (certificate === undefined) return [`${name}: cert is no certificate in PEM`]
  if (!certificate.checkPrivateKey(privateKey)) return [`${name}: cert is not the certificate of key`]
  if (authorities.length === 0) return [`${name}: ca holds no certificate in PEM`]
  const alone = authorities.find(one => !authorities.some(other => one.checkIssued(other)))
  if (alone !== undefined) return [`${name}: ca lacks the authority that issued ${oneLine(alone)}; it needs all up to the root`]
  const judgement = new Authority(authorities).judge(certificate.raw)
  if (typeof judgement === 'string') return [`${name} is refused by this node as it will be by others: ${judgement}`]
  const signature = attempt(() => sign(digestOf(privateKey), certificate.raw, privateKey))
  if (signature === undefined) return [`${name}: hellos can't be signed with this key; take one of an elliptic curve`]
  const works = attempt(() => createSecureContext({ ...TLS_1_3, key, cert }))
  return works === undefined ? [`${name}: TLS can't use this key with this certificate`] : []
}

function isComplete (given: unknown): given is Certificates {
  const { key, cert, ca } = fieldsOf(given)
  return isPem(key) && isPem(cert) && ca !== undefined && [ca].flat().length > 0 && [ca].flat().every(isPem)
}

function isPem (value: unknown): value is Pem {
  return typeof value === 'string' || Buffer.isBuffer(value)
}

/** All certificates of texts, each of which may hold several. */
function certificatesIn (ca: Certificates['ca']): X509Certificate[] {
  return [ca].flat().flatMap(pem => pem.toString().match(CERTIFICATE) ?? []).map(each => new X509Certificate(each))
}

function oneLine ({ subject }: X509Certificate): string {
  return JSON.stringify(subject.replaceAll('\n', ', '))
}

/** The result of a function; undefined where it throws, as the message of the error could reveal too much. */
function attempt<T> (action: () => T): T | undefined {
  try {
    return action()
  } catch {
    return undefined
  }
}
