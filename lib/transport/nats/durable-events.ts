import { ConfigurationError } from '../../errors'
import { loadClient } from './client'
import { NatsConnection } from './connection'
import { JetStreamStore, type StoreConnection, type StoreConnectionEvents } from './durable/jetstream-store'
import type { NatsSettings } from './options/nats-settings'
import { Subjects } from './subjects'

/** What keeps the durable events of a node. */
export function makeEventStore (settings: NatsSettings): JetStreamStore {
  const { prefix, environment, introductions, keyRing, durable, title } = settings
  return new JetStreamStore({
    subjects: new Subjects(prefix, environment, introductions),
    keyRing,
    durable,
    title,
    connect: events => connectStore(settings, events)
  })
}

function connectStore (settings: NatsSettings, events: StoreConnectionEvents): StoreConnection {
  const { client, fault } = loadClient(settings.load)
  if (client === undefined) throw new ConfigurationError([`the NATS transport ${fault}`])
  const connection: NatsConnection = new NatsConnection({
    client,
    place: async () => await settings.clientOptions(client, events.name),
    title: `${settings.title} (durable events)`,
    onRejected: events.onRejected,
    log: events.log,
    onUp: () => {
      if (connection.client !== undefined) events.onUp(connection.client, connection.maxPayload)
    },
    onDown: () => events.onDown(),
    onDrain: () => {}
  })
  return connection
}
