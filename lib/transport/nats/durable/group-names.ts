import { messageOf } from '../../../printable'
import { isText } from '../../../record'
import type { DurableGroup, DurableGroupLag } from '../../event-store'
import { MalformedMessage } from '../../transport'
import type { DurableSeal } from './durable-seal'
import type { JsManager } from './jetstream'

/** Characters of the description of a consumer, as the server takes it. */
const MAX_DESCRIPTION = 4_096

/** What a consumer of the server is called: its description names the group whose events it has. */
export class GroupNames {
  /**
   * @param seal - hides the names from the server in a mesh with a secret
   * @param onUnreadable - a consumer is not one of this mesh, or of another secret
   */
  constructor (private readonly seal: DurableSeal, private readonly onUnreadable: (reason: string) => void) {}

  /** The description for a group; undefined where its names are too long for one. */
  describe ({ path, event, group }: Pick<DurableGroup, 'path' | 'event' | 'group'>): string | undefined {
    const text = this.seal.seal(JSON.stringify([path, event, group]), 'group').toString(this.encoding)
    return text.length > MAX_DESCRIPTION ? undefined : text
  }

  /** How far behind the groups of a stream are. A group has several consumers while the secret is replaced. */
  async lags (manager: JsManager, stream: string): Promise<readonly DurableGroupLag[]> {
    const lags = new Map<string, DurableGroupLag>()
    for await (const { config: { description }, num_pending: waiting, num_ack_pending: underWay } of
      manager.consumers.list(stream)) {
      const names = this.read(description)
      if (names === undefined) continue
      const { waiting: before = 0, underWay: begun = 0 } = lags.get(names.join('\n')) ?? {}
      const [path, event, group] = names
      lags.set(names.join('\n'), { path, event, group, waiting: before + waiting, underWay: begun + underWay })
    }
    return [...lags.values()]
  }

  private read (description: unknown): readonly [path: string, event: string, group: string] | undefined {
    try {
      if (!isText(description)) throw new MalformedMessage('a consumer without a description')
      const names: unknown = JSON.parse(this.seal.open(Buffer.from(description, this.encoding), 'group'))
      if (!Array.isArray(names) || names.length !== 3 || !names.every(isText)) {
        throw new MalformedMessage('a consumer with another description')
      }
      const [path, event, group] = names
      return [path, event, group]
    } catch (error) {
      this.onUnreadable(messageOf(error))
      return undefined
    }
  }

  private get encoding (): BufferEncoding {
    return this.seal.isOpen ? 'utf8' : 'base64'
  }
}
