import type { AuthenticationResult } from '@feathersjs/authentication'
import type { Application, RealTimeConnection } from '@feathersjs/feathers'
import type {} from '@feathersjs/transport-commons'

const signedIn = 'signed-in'

/**
 * Sends real-time events only to socket.io clients that are signed in. Feathers disconnects a client when its token
 * expires.
 */
export function onlySignedInHearEvents (app: Application): void {
  app.on('login', (_result: AuthenticationResult, { connection }: { connection?: RealTimeConnection }) => {
    if (connection) app.channel(signedIn).join(connection)
  })
  app.on('logout', (_result: AuthenticationResult, { connection }: { connection?: RealTimeConnection }) => {
    if (connection) app.channel(signedIn).leave(connection)
  })
  app.publish(() => app.channel(signedIn))
}
