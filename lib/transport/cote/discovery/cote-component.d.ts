/** The base class of cote's Requester, Responder, Publisher and Subscriber (cote 1.2 has no types). */
declare module 'cote/src/components/component' {
  class Component {
    constructor (advertisement: object, discoveryOptions?: object)
    readonly advertisement: {
      key: string
      name: string
      axon_type: string
      namespace?: string
      port?: number
      requests?: readonly string[]
      appUuid?: string
      appDistributionKey?: string
      mesh?: { version: number, revision: number }
    }
    get type (): string
    get oppo (): string
    startDiscovery (): void
    on (event: string, listener: (...args: never[]) => void): this
    emit (event: string, ...args: unknown[]): boolean
    close (): void
  }
  export = Component
}
