import { X509Certificate } from 'node:crypto'
import { Authority as Judge } from '../../lib/transport/cote/security/certificates/authority'
import { CertificateRing } from '../../lib/transport/cote/security/certificates/certificate-ring'
import { Authority } from './authority'

const DAY = 24 * 60 * 60 * 1_000
const authority = Authority.make()
const tls = authority.node('gateway', 'billing')
const raw = (pem: string | Buffer): Buffer => new X509Certificate(pem).raw

afterEach(() => {
  jest.useRealTimers()
  jest.restoreAllMocks()
})

describe('a certificate', () => {
  it('proves every key that it names', () => {
    const judge = new Judge([new X509Certificate(authority.own.cert)])
    expect(judge.judge(raw(tls.cert))).toMatchObject({ keys: ['gateway', 'billing'] })
  })

  it('is checked against the clock each time, even when it is known', () => {
    const judge = new Judge([new X509Certificate(authority.own.cert)])
    const der = raw(tls.cert)
    expect(judge.judge(der)).toHaveProperty('keys')
    expect(judge.judge(der, Date.now() + 2 * DAY)).toContain('has expired')
    expect(judge.judge(der, Date.now() - DAY)).toContain('not valid before')
    expect(judge.judge(der)).toHaveProperty('keys')
  })

  it('is rejected when it is damaged or not a certificate', () => {
    const judge = new Judge([new X509Certificate(authority.own.cert)])
    const der = raw(tls.cert)
    const longer = Buffer.concat([der, Buffer.from('more')])
    for (const bytes of [Buffer.alloc(0), Buffer.from('none'), der.subarray(0, 100), longer, Buffer.from(tls.cert)]) {
      expect(judge.judge(bytes)).toContain('can\'t be read')
    }
  })

  it('is rejected without parsing when it is longer than 8192 bytes, and this node cannot use one', () => {
    const judge = new Judge([new X509Certificate(authority.own.cert)])
    const long = authority.node(...Array.from({ length: 400 }, (_, n) => `node-${n}`))
    expect(judge.judge(raw(long.cert))).toContain('longer than 8192 bytes')
    expect(() => new CertificateRing(long)).toThrow('longer than 8192 bytes')
  })

  it('is refused at start when its key cannot sign hellos', () => {
    const options = ['rsa_pss_keygen_md:sha512', 'rsa_pss_keygen_mgf1_md:sha512', 'rsa_pss_keygen_saltlen:64']
    const names = 'URI:feathers-mesh:key:gateway'
    const pss = authority.issue({ names, algorithm: ['rsa-pss', ...options.flatMap(option => ['-pkeyopt', option])] })
    expect(() => new CertificateRing(pss)).toThrow('hellos can\'t be signed with this key')
  })

  it('causes one warning when it is that of this node and expires', () => {
    const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => {})
    const ring = new CertificateRing(tls)
    expect(ring.current.keys).toEqual(['gateway', 'billing'])
    jest.useFakeTimers({ now: Date.now() + 2 * DAY })
    for (let n = 0; n < 3; n++) expect(ring.current.keys).toEqual(['gateway', 'billing'])
    expect(warn.mock.calls).toEqual([[expect.stringContaining('has expired')]])
  })
})
