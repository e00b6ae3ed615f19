/** Who issues tokens, for whom, and for how long; a token that says something else is not taken. */
export const jwtOptions = {
  algorithm: 'HS256',
  issuer: 'feathers-mesh',
  audience: 'feathers-mesh samples',
  expiresIn: '1h'
}
