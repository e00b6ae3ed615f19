import { createHash, createPrivateKey, sign, X509Certificate, type KeyObject } from 'node:crypto'
import { createSecureContext, type SecureContext, type SecureContextOptions } from 'node:tls'
import { Authority } from './authority'
import { TLS_1_3 } from '../tls/tls13'

type Pem = string | Buffer

/** What a node proves itself with, as Node's TLS takes it: texts in PEM, or Buffers with such. */
export interface Certificates {
  /** The private key, without a passphrase. */
  readonly key: Pem
  /** The certificate of this node; it names the key of the node: `subjectAltName = URI:feathers-mesh:key:<key>`. */
  readonly cert: Pem
  /** The authorities that issue for nodes of the mesh, and those above them up to the root. */
  readonly ca: Pem | readonly Pem[]
}

const FIELDS = ['key', 'cert', 'ca']
const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g

/** The same text for the same certificates. */
export function textOfCertificates (given: Certificates): string {
  // A function may return anything.
  const { key, cert, ca } = Object(given) as Partial<Certificates>
  return [key, cert, ca].flat().map(String).join('\0')
}

/** A node's own certificate. The private key is out of the reach of whoever prints it. */
export class NodeCertificate {
  /** The certificate in DER. */
  readonly raw: Buffer
  /** Names what connections are made with. */
  readonly id: string
  /** The keys that it vouches for. */
  readonly keys: readonly string[]
  readonly validTo: number
  readonly authority: Authority
  /** What connections are opened with. */
  readonly context: SecureContext
  readonly #key: KeyObject
  readonly #options: SecureContextOptions

  /** Of certificates in which {@link faultsOfCertificates} finds no fault. */
  constructor ({ key, cert, ca }: Certificates) {
    const certificate = new X509Certificate(cert)
    this.raw = certificate.raw
    this.id = createHash('sha256').update([cert, ca].flat().join('\0')).digest('hex')
    this.validTo = Date.parse(certificate.validTo)
    this.authority = new Authority(certificatesIn(ca))
    const judgement = this.authority.judge(this.raw)
    this.keys = typeof judgement === 'string' ? [] : judgement.keys
    this.#key = createPrivateKey(key)
    // Node takes a list that may not be changed just as well.
    this.#options = { ...TLS_1_3, key, cert, ca: ca as Pem | Pem[] }
    this.context = createSecureContext(this.#options)
  }

  /** What connections of others are taken with; it holds the private key. */
  serverOptions (): SecureContextOptions {
    return this.#options
  }

  sign (bytes: Buffer): Buffer {
    return sign(digestOf(this.#key), bytes, this.#key)
  }
}

/** What signatures of a key are made over: Ed25519 and Ed448 bring their own. */
export function digestOf ({ asymmetricKeyType }: KeyObject): 'sha256' | undefined {
  return asymmetricKeyType?.startsWith('ed') === true ? undefined : 'sha256'
}

/** What is wrong with certificates, in words that don't tell the private key. */
export function faultsOfCertificates (given: unknown, name: string): string[] {
  if (!isComplete(given)) return [`${name} must have key, cert and ca: texts in PEM, or Buffers with such; ca may be a list`]
  const others = Object.keys(given).filter(field => !FIELDS.includes(field))
  if (others.length > 0) return [`${name} knows key, cert and ca, and no ${others.join(', ')}`]
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
  const { key, cert, ca } = Object(given) as Partial<Certificates>
  return isPem(key) && isPem(cert) && ca !== undefined && [ca].flat().length > 0 && [ca].flat().every(isPem)
}

function isPem (value: unknown): value is Pem {
  return typeof value === 'string' || Buffer.isBuffer(value)
}

/** All certificates of texts that may hold several. */
function certificatesIn (ca: Certificates['ca']): X509Certificate[] {
  return [ca].flat().flatMap(pem => pem.toString().match(CERTIFICATE) ?? []).map(each => new X509Certificate(each))
}

function oneLine ({ subject }: X509Certificate): string {
  return JSON.stringify(subject.replaceAll('\n', ', '))
}

/** What a function returns; undefined where it throws, whose message may tell too much. */
function attempt<T> (action: () => T): T | undefined {
  try {
    return action()
  } catch {
    return undefined
  }
}
