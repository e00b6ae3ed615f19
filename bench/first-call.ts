/**
 * Prints how long it takes from the start of the second node's mesh to its first successful call, for both orders of
 * starting. Each run has two new processes; loading the code is over before the clock starts.
 *
 * Usage: node first-call.js [runs]
 */
import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { ToBench } from './first-call-node'

const runs = Number(process.argv[2] ?? 20)

class Node {
  private readonly child: ChildProcess
  private readonly messages: ToBench[] = []

  constructor (role: 'host' | 'consumer', environment: string) {
    const env = { ...process.env, COTE_ENV: environment }
    this.child = fork(join(__dirname, 'first-call-node.js'), [role], { env })
    this.child.on('message', (message: ToBench) => this.messages.push(message))
    this.child.once('exit', code => {
      if (code) throw new Error(`The ${role} has ended with ${code}`)
    })
  }

  start (): void {
    this.child.send('start')
  }

  /** When something happened in the process; waits for it. */
  async time (event: ToBench['event']): Promise<number> {
    for (;;) {
      const found = this.messages.find(message => message.event === event)
      if (found !== undefined) return 'at' in found ? found.at : 0
      await once(this.child, 'message')
    }
  }

  async end (): Promise<void> {
    const ended = once(this.child, 'exit')
    this.child.disconnect()
    await ended
  }
}

/** Starts two nodes one after the other; gives the milliseconds to the first call. */
async function run (first: 'host' | 'consumer', environment: string): Promise<number> {
  const nodes = { host: new Node('host', environment), consumer: new Node('consumer', environment) }
  const second = first === 'host' ? 'consumer' : 'host'
  try {
    await Promise.all([nodes.host.time('ready'), nodes.consumer.time('ready')])
    nodes[first].start()
    await nodes[first].time('started')
    nodes[second].start()
    return await nodes.consumer.time('called') - await nodes[second].time('starting')
  } finally {
    await Promise.all([nodes.host.end(), nodes.consumer.end()])
  }
}

/** One line of the table. */
function row (order: string, times: readonly number[]): Record<string, string> {
  const sorted = [...times].sort((a, b) => a - b)
  const milliseconds = (time = NaN): string => `${time.toFixed(1)} ms`
  return {
    'started second': order,
    runs: String(sorted.length),
    min: milliseconds(sorted[0]),
    median: milliseconds(sorted[Math.floor(sorted.length / 2)]),
    max: milliseconds(sorted[sorted.length - 1])
  }
}

function print (rows: ReadonlyArray<Record<string, string>>): void {
  const columns = Object.keys(rows[0] ?? {})
  const lines = [columns, columns.map(() => '---'), ...rows.map(cells => columns.map(column => cells[column] ?? ''))]
  const widths = columns.map((_, column) => Math.max(...lines.map(line => (line[column] ?? '').length)))
  for (const line of lines) console.log(`| ${line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`)
}

async function main (): Promise<void> {
  const times = { host: [] as number[], consumer: [] as number[] }
  for (let n = 0; n < runs; n++) {
    times.consumer.push(await run('host', `first-call-${process.pid}-${n}-a`))
    times.host.push(await run('consumer', `first-call-${process.pid}-${n}-b`))
  }
  print([row('the consumer', times.consumer), row('the host', times.host)])
}

main().catch(error => {
  console.error(error)
  process.exit(1)
})
