import { connect, type NatsConnection } from '@nats-io/transport-node'

/** A message as the server carried it. */
export interface Recorded {
  readonly subject: string
  readonly reply: string | undefined
  readonly data: Uint8Array
}

/** Another user of the server who hears all that it carries, and may send anything. */
export class Spy {
  readonly heard: Recorded[] = []

  private constructor (private readonly connection: NatsConnection) {}

  static async on (servers: string): Promise<Spy> {
    const connection = await connect({ servers })
    const spy = new Spy(connection)
    connection.subscribe('>', {
      callback: (_error, { subject, reply, data }) => {
        spy.heard.push({ subject, reply, data: Uint8Array.from(data) })
      }
    })
    await connection.flush()
    return spy
  }

  /** All that it read, in one text. */
  get read (): string {
    const texts = this.heard.map(({ subject, reply, data }) =>
      `${subject} ${reply ?? ''} ${Buffer.from(data).toString('latin1')}`)
    return texts.join('\n')
  }

  /** Waits until the server has handled all that was sent before. */
  async settle (): Promise<void> {
    await this.connection.flush()
  }

  send ({ subject, reply, data }: Recorded): void {
    this.connection.publish(subject, data, reply === undefined || reply === '' ? undefined : { reply })
  }

  async close (): Promise<void> {
    await this.connection.close()
  }
}
