/** Who issues tokens, for whom, and for how long. Tokens that differ are rejected. */
export const jwtOptions = {
  algorithm: 'HS256',
  issuer: 'feathers-mesh',
  audience: 'feathers-mesh samples',
  expiresIn: '1h'
}
