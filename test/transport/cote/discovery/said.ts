import type { Advertisement } from '../../../../lib/transport/cote/discovery/hello'
import type { Sender } from '../../../../lib/transport/cote/discovery/write-hello'

/** What a node of ours says of itself, and what it advertises. */
export const sender: Sender = { processId: 'process', hostName: 'host', processCommand: 'node app.js' }

export const advertisement: Advertisement = {
  name: 'feathers services responder', key: '$$default', namespace: 'default', axon_type: 'rep', port: 4000,
  appUuid: 'node', appDistributionKey: 'default', mesh: { version: 1, revision: 3 }
}
