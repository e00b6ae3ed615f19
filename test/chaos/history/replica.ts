/** A replica of the ledger: it writes down each run and each event before anything else. */
import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { Distributed, DistributedEvent, DistributedMethod, DistributedModule, type ServiceEvent } from 'feathers-mesh'
import { container } from 'tsyringe'
import { obey, release } from '../../processes/obey'
import { recordUncaught } from './faults-of-process'
import { Journal, now } from './journal'
import type { Ledger, Note, Work } from './ledger'
import { readSettings } from './settings'

const { name, journal: file, secretFile, options } = readSettings()
const journal = new Journal(file)

const UNCHECKED = { data: Object }

@Distributed('ledger')
class LedgerService implements Ledger {
  @DistributedEvent() readonly noted!: ServiceEvent<Note>
  private emitted = 0

  @DistributedMethod(UNCHECKED) async write (work: Work): Promise<string> { return await this.run(work) }
  @DistributedMethod({ ...UNCHECKED, idempotent: true }) async read (work: Work): Promise<string> {
    return await this.run(work)
  }

  /** The number of the next event. */
  get next (): number {
    return this.emitted + 1
  }

  /** Emits the next event. */
  note (): void {
    const note = { by: name, number: ++this.emitted }
    journal.write({ kind: 'emitted', ...note })
    this.noted.emit(note)
  }

  private async run ({ id, work }: Work): Promise<string> {
    journal.write({ kind: 'run', id, at: now() })
    await delay(work)
    this.note()
    return name
  }
}

const ledger = new LedgerService()
const own = container.createChildContainer()
own.registerInstance(LedgerService, ledger)
const mesh = DistributedModule.forRoot({
  container: own,
  services: [LedgerService],
  ...options,
  ...secretFile === undefined ? {} : { secret: () => JSON.parse(readFileSync(secretFile, 'utf8')) as string[] }
})

let ticker: NodeJS.Timeout | undefined

async function join (): Promise<void> {
  journal.write({ kind: 'joined', by: name, number: ledger.next, at: now() })
  await mesh.start()
  ticker = setInterval(() => ledger.note(), 10)
}

/** Emits nothing of its own any more; calls under way still do. */
async function leave (): Promise<void> {
  clearInterval(ticker)
  await mesh.stop()
  journal.write({ kind: 'left', by: name })
}

recordUncaught(name, journal)
process.once('SIGTERM', () => { void leave().then(release) })

obey({
  join,
  rejoin: async (pause: number) => {
    await leave()
    await delay(pause)
    await join()
  },
  /** Between two turns of the event loop: a signal from outside may come between a check and what it allows. */
  freeze: () => { setImmediate(() => process.kill(process.pid, 'SIGSTOP')) },
  settle: () => clearInterval(ticker)
})
