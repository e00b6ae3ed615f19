import { randomUUID } from 'node:crypto'
import { nkeys } from '@nats-io/transport-node'

type KeyPair = ReturnType<typeof nkeys.createUser>

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString()

/** An NKey of a user: what the server is told, and what the user has. */
export function nkeyOfUser (): { readonly publicKey: string, readonly seed: string } {
  const user = nkeys.createUser()
  return { publicKey: user.getPublicKey(), seed: text(user.getSeed()) }
}

/** What a server trusts, and the credentials file of a user whom it lets in: as `nsc` makes them. */
export function credentialsOfUser (): { readonly config: string, readonly creds: string } {
  const [operator, account, user] = [nkeys.createOperator(), nkeys.createAccount(), nkeys.createUser()]
  const unlimited = { subs: -1, data: -1, payload: -1 }
  const accountLimits = { ...unlimited, imports: -1, exports: -1, wildcards: true, conn: -1, leaf: -1 }
  const operatorJwt = signed(operator, operator, { type: 'operator' })
  const accountJwt = signed(account, operator, { type: 'account', limits: accountLimits })
  const userJwt = signed(user, account, { type: 'user', ...unlimited })
  return {
    config: `
      operator: ${operatorJwt}
      resolver: MEMORY
      resolver_preload: { ${account.getPublicKey()}: ${accountJwt} }
    `,
    creds: [
      '-----BEGIN NATS USER JWT-----', userJwt, '------END NATS USER JWT------', '',
      '-----BEGIN USER NKEY SEED-----', text(user.getSeed()), '------END USER NKEY SEED------', ''
    ].join('\n')
  }
}

/** A claim about one key, signed by another one. */
function signed (subject: KeyPair, issuer: KeyPair, nats: object): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  const claims = {
    jti: randomUUID(),
    iat: Math.floor(Date.now() / 1_000),
    iss: issuer.getPublicKey(),
    name: 'mesh',
    sub: subject.getPublicKey(),
    nats: { ...nats, version: 2 }
  }
  const unsigned = `${part({ typ: 'JWT', alg: 'ed25519-nkey' })}.${part(claims)}`
  return `${unsigned}.${Buffer.from(issuer.sign(Buffer.from(unsigned))).toString('base64url')}`
}
