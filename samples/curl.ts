const json = "-H 'Content-Type: application/json'"

/** Shell commands that the samples print for the user to try. */
export const curl = {
  /** Stores the token of a user in the variable TOKEN. */
  signIn: (url: string, email: string, password: string): string =>
    `TOKEN=$(curl -s ${url}/authentication ${json} -d '${JSON.stringify({ strategy: 'local', email, password })}' |` +
    " sed 's/.*\"accessToken\":\"\\([^\"]*\\)\".*/\\1/')",

  get: (url: string): string => `curl ${url}`,

  getSignedIn: (url: string): string => `curl ${url} -H "Authorization: Bearer $TOKEN"`,

  post: (url: string, data: object): string =>
    `curl ${url} -H "Authorization: Bearer $TOKEN" ${json} -d '${JSON.stringify(data)}'`,

  /** A custom method of Feathers. */
  call: (url: string, method: string): string =>
    `curl ${url} -H "Authorization: Bearer $TOKEN" ${json} -H 'X-Service-Method: ${method}' -d '{}'`
}
