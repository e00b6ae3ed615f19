import { execFileSync } from 'node:child_process'

/** Calls the command of iproute2. */
export function ip (...args: string[]): void {
  execFileSync('ip', args, { stdio: 'pipe' })
}

/** Why there can be no network namespaces here; undefined if there can. */
export function whyNoNamespaces (): string | undefined {
  const name = `mesh-${process.pid}-probe`
  try {
    ip('netns', 'add', name)
    ip('netns', 'delete', name)
    return undefined
  } catch (error) {
    return (error as Error).message
  }
}

/** What a host of {@link TwoHosts} is cut off from. */
export interface Blockade {
  readonly direction?: 'INPUT' | 'OUTPUT'
  readonly protocol?: 'tcp' | 'udp'
  /** What becomes of the packets: the target of iptables. */
  readonly target?: readonly string[]
}

/** Two hosts on a network of their own, joined by one cable. */
export class TwoHosts {
  static readonly BROADCAST = '10.213.77.255'
  readonly addresses = ['10.213.77.1', '10.213.77.2'] as const
  private readonly names: readonly string[]

  constructor () {
    this.names = ['a', 'b'].map(side => `mesh-${process.pid}-${side}`)
  }

  create (): void {
    const [a, b] = this.names
    for (const name of this.names) ip('netns', 'add', name)
    ip('link', 'add', 'veth0', 'netns', a, 'type', 'veth', 'peer', 'name', 'veth0', 'netns', b)
    this.names.forEach((name, n) => {
      ip('-n', name, 'address', 'add', `${this.addresses[n]}/24`, 'broadcast', TwoHosts.BROADCAST, 'dev', 'veth0')
      ip('-n', name, 'link', 'set', 'lo', 'up')
      ip('-n', name, 'link', 'set', 'veth0', 'up')
    })
  }

  /** What a command is put behind to run on one of them. */
  on (host: 0 | 1): string[] {
    return ['ip', 'netns', 'exec', this.names[host]]
  }

  /** Pulls the cable out of one of them. */
  cut (host: 0 | 1): void {
    ip('-n', this.names[host], 'link', 'set', 'veth0', 'down')
  }

  restore (host: 0 | 1): void {
    ip('-n', this.names[host], 'link', 'set', 'veth0', 'up')
  }

  /** Drops, or rejects, what comes to one of them or leaves it, until {@link heal}. */
  block (host: 0 | 1, { direction = 'INPUT', protocol, target = ['DROP'] }: Blockade): void {
    const [device, of] = direction === 'INPUT' ? ['-i', 'veth0'] : ['-o', 'veth0']
    const packets = protocol === undefined ? [] : ['-p', protocol]
    ip('netns', 'exec', this.names[host], 'iptables', '-A', direction, device, of, ...packets, '-j', ...target)
  }

  /** Ends all blockades. */
  heal (): void {
    for (const name of this.names) ip('netns', 'exec', name, 'iptables', '-F')
  }

  remove (): void {
    // The cable goes with them.
    for (const name of this.names) {
      try {
        ip('netns', 'delete', name)
      } catch {
        // It was never made.
      }
    }
  }
}
