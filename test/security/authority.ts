import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Certificates } from 'feathers-mesh'

interface Issued {
  readonly key: string
  readonly cert: string
}

export interface IssueOptions {
  /** The subjectAltName, as openssl takes it. */
  readonly names?: string
  /** Days from now that it is valid for. @default 1 */
  readonly days?: number
  readonly extensions?: readonly string[]
  /** What openssl is to make for a key. @default that of a common certificate */
  readonly algorithm?: readonly string[]
}

const EC = ['ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1']

/** Gives out certificates, by the openssl of this machine. */
export class Authority {
  private constructor (readonly own: Issued, private readonly above?: Authority) {}

  static make (name = 'mesh'): Authority {
    return new Authority(issue(`${name} ca`, undefined, { extensions: ['basicConstraints=critical,CA:TRUE'] }))
  }

  /** All that a node has to trust. */
  get ca (): string[] {
    return [this.own.cert, ...this.above?.ca ?? []]
  }

  /** An authority of which this one is the superior. */
  intermediate (): Authority {
    return new Authority(issue('intermediate', this.own, { extensions: ['basicConstraints=critical,CA:TRUE'] }), this)
  }

  /** What a node of these keys gives for `tls`. */
  node (...keys: string[]): Certificates {
    return this.issue({ names: keys.map(key => `URI:feathers-mesh:key:${encodeURIComponent(key)}`).join() })
  }

  issue (options: IssueOptions): Certificates {
    return { ...issue('a node', this.own, options), ca: this.ca }
  }
}

/** A certificate that nobody has signed but its owner. */
export function selfSigned (): Issued {
  return issue('myself', undefined, { names: 'URI:feathers-mesh:key:default' })
}

function issue (subject: string, issuer: Issued | undefined, options: IssueOptions): Issued {
  const { names, days = 1, extensions = [], algorithm = EC } = options
  const folder = mkdtempSync(join(tmpdir(), 'certificates-'))
  const at = (name: string): string => join(folder, name)
  const openssl = (...args: string[]): Buffer => execFileSync('openssl', args, {
    cwd: folder,
    stdio: 'pipe',
    // A test has a copy of it, which it may have changed.
    env: process.env
  })
  try {
    openssl('req', '-newkey', ...algorithm, '-nodes', '-keyout', 'key', '-out', 'request', '-subj', `/CN=${subject}`)
    const lines = [...extensions, ...names === undefined ? [] : [`subjectAltName=${names}`]]
    writeFileSync(at('extensions'), lines.join('\n'))
    if (issuer !== undefined) {
      writeFileSync(at('ca.pem'), issuer.cert)
      writeFileSync(at('ca.key'), issuer.key)
    }
    const signer = issuer === undefined ? ['-signkey', 'key'] : ['-CA', 'ca.pem', '-CAkey', 'ca.key']
    const serial = ['-set_serial', `0x1${randomBytes(8).toString('hex')}`]
    const more = ['-days', String(days), '-extfile', 'extensions', '-out', 'cert']
    openssl('x509', '-req', '-in', 'request', ...signer, ...serial, ...more)
    return { key: readFileSync(at('key'), 'utf8'), cert: readFileSync(at('cert'), 'utf8') }
  } finally {
    rmSync(folder, { recursive: true })
  }
}
