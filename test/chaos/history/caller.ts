/** A node that calls the ledger, and hears its events. */
import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { DistributedModule } from 'feathers-mesh'
import { DialledSockets } from '../../processes/dialled-sockets'
import { obey, release } from '../../processes/obey'
import { recordUncaught } from './faults-of-process'
import { Journal, now, type Failure, type Method } from './journal'
import type { Ledger } from './ledger'
import { pick, randomOf } from './random'
import { readSettings } from './settings'

const { name, journal: file, secretFile, seed, options } = readSettings()
const journal = new Journal(file)
const random = randomOf(seed)

const dialled = new DialledSockets()

const mesh = DistributedModule.forRoot({
  remotes: ['ledger'],
  ...options,
  ...secretFile === undefined ? {} : { secret: () => JSON.parse(readFileSync(secretFile, 'utf8')) as string[] }
})
const ledger = mesh.remote<Ledger>('ledger')

const METHODS: readonly Method[] = ['write', 'read']
const TIMEOUTS = [3_000, 6_000, 10_000]
/** Milliseconds at most between two calls of a caller, so that machines of two cores have time for the faults. */
const PAUSE = 60

let isCalling = false
let callers: ReadonlyArray<Promise<void>> = []
let calls = 0

async function call (): Promise<void> {
  const id = `${name}-${++calls}`
  const method = pick(random, METHODS)
  const timeout = pick(random, TIMEOUTS)
  const work = Math.floor(random() * 20)
  journal.write({ kind: 'called', id, at: now(), call: { method, timeout } })
  try {
    await ledger.with({ timeout })[method]({ id, work })
    journal.write({ kind: 'answered', id, at: now() })
  } catch (error) {
    journal.write({ kind: 'failed', id, at: now(), failure: failureOf(error) })
  }
}

function failureOf (thrown: unknown): Failure {
  const { name: kind, message, data } = thrown as Error & { data?: { outcome?: string } }
  return { name: kind, message, outcome: data?.outcome }
}

recordUncaught(name, journal)
process.once('SIGTERM', () => { void mesh.stop().then(release) })

obey({
  join: async () => {
    ledger.on('noted', note => journal.write({ kind: 'heard', by: note.by, number: note.number }))
    ledger.on('gap', gap => journal.write({ kind: 'gap', ...gap }))
    await mesh.start()
    journal.write({ kind: 'listening', at: now() })
  },
  call: (callersWanted: number) => {
    isCalling = true
    callers = Array.from({ length: callersWanted }, async () => {
      while (isCalling) {
        await call()
        await delay(random() * PAUSE)
      }
    })
  },
  /** Resets all connections that this node has made. */
  reset: () => { dialled.reset() },
  finish: async () => {
    isCalling = false
    await Promise.all(callers)
  }
})
