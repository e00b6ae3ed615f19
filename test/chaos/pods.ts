import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { ip } from './namespaces'

/** Where `ip netns exec` looks for what a namespace has instead of the files of /etc. */
const FILES = '/etc/netns'

/** The nodes of a cluster, as Kubernetes makes them: each Pod has an address of its own, and a router between all. */
export class Pods {
  /** Where the DNS server of the cluster runs, which all Pods ask. */
  static readonly DNS = '10.244.0.1'
  private readonly router = `mesh-${process.pid}-router`
  private readonly names: string[] = []

  /** Makes a cluster without Pods. */
  create (): void {
    ip('netns', 'add', this.router)
    ip('-n', this.router, 'link', 'set', 'lo', 'up')
    ip('-n', this.router, 'address', 'add', `${Pods.DNS}/32`, 'dev', 'lo')
    ip('netns', 'exec', this.router, 'sh', '-c', 'echo 1 > /proc/sys/net/ipv4/ip_forward')
  }

  /**
   * Adds a Pod.
   *
   * @param search - the domains in which the Pod looks for short names
   * @returns its number
   */
  add (search: readonly string[]): number {
    const number = this.names.length + 1
    const name = `mesh-${process.pid}-pod-${number}`
    const link = `pod${number}`
    this.names.push(name)
    ip('netns', 'add', name)
    ip('link', 'add', link, 'netns', this.router, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', name)
    ip('-n', this.router, 'address', 'add', `10.244.${number}.1/24`, 'dev', link)
    ip('-n', this.router, 'link', 'set', link, 'up')
    ip('-n', name, 'address', 'add', `${this.addressOf(number)}/24`, 'dev', 'eth0')
    for (const device of ['lo', 'eth0']) ip('-n', name, 'link', 'set', device, 'up')
    ip('-n', name, 'route', 'add', 'default', 'via', `10.244.${number}.1`)
    mkdirSync(`${FILES}/${name}`, { recursive: true })
    const lines = [`nameserver ${Pods.DNS}`, `search ${search.join(' ')}`, 'options ndots:5']
    writeFileSync(`${FILES}/${name}/resolv.conf`, lines.map(line => `${line}\n`).join(''))
    return number
  }

  /** The address of a Pod. */
  addressOf (number: number): string {
    return `10.244.${number}.2`
  }

  /** What a command is put behind to run in a Pod. */
  in (number: number): string[] {
    return ['ip', 'netns', 'exec', this.names[number - 1]]
  }

  /** What a command is put behind to run where all Pods reach it. */
  get amid (): string[] {
    return ['ip', 'netns', 'exec', this.router]
  }

  /** Takes a Pod's network away, without a word to anybody. */
  cut (number: number): void {
    ip('-n', this.router, 'link', 'set', `pod${number}`, 'down')
  }

  /** Removes all that was made. */
  remove (): void {
    for (const name of [...this.names.splice(0), this.router]) {
      rmSync(`${FILES}/${name}`, { recursive: true, force: true })
      try {
        ip('netns', 'delete', name)
      } catch {
        // It was never made.
      }
    }
  }
}
