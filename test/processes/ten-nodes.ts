import type { Params } from '@feathersjs/feathers'
import { Distributed, DistributedEvent, DistributedMethod, DistributedModule } from 'feathers-mesh'
import type { RemoteService, ServiceEvent } from 'feathers-mesh'

interface Greeting { readonly from: number, readonly to: string }

function makeService (number: number) {
  @Distributed(`service-${number}`)
  class GreetingService {
    @DistributedEvent() readonly greeted!: ServiceEvent<Greeting>

    @DistributedMethod()
    async get (to: string, _params?: Params): Promise<Greeting> {
      this.greeted.emit({ from: number, to })
      return { from: number, to }
    }
  }
  return GreetingService
}

type Greeter = RemoteService<InstanceType<ReturnType<typeof makeService>>>

/** What happened: each node calls every node, and receives the greetings of the nine others and its own. */
export interface TenNodesReport {
  readonly calls: number
  /** The number of events that each node received. */
  readonly heard: readonly number[]
  readonly nodes: readonly number[]
}

const COUNT = 10

/** Starts ten nodes, has each call and listen to all, and stops them. */
export async function runTenNodes (environment: string): Promise<TenNodesReport> {
  const numbers = Array.from({ length: COUNT }, (_, number) => number)
  const paths = numbers.map(number => `service-${number}`)
  const modules = numbers.map(number => DistributedModule.forRoot({
    services: [makeService(number)],
    remotes: paths,
    cote: { environment }
  }))
  const heard = numbers.map(() => 0)
  try {
    await Promise.all(modules.map(async module => await module.start()))
    const nodes = modules.map(module => module.nodes().length)
    const greeters = modules.map(module => paths.map((path): Greeter => module.remote(path)))
    const count = (listener: number, { to }: Greeting): void => { if (!to.startsWith('mark')) heard[listener]++ }
    greeters.forEach((own, listener) => {
      for (const greeter of own) greeter.on('greeted', greeting => count(listener, greeting))
    })
    const forAll = async (work: (greeter: Greeter, node: number) => Promise<unknown>): Promise<void> => {
      await Promise.all(greeters.flatMap((own, node) => own.map(async greeter => await work(greeter, node))))
    }

    await forAll(async (greeter, node) => await marked(greeter, `mark-${node}`))
    await forAll(async (greeter, node) => await greeter.get(`node-${node}`))
    // Events of one service come in their order: with the last mark all that were before it have come.
    await forAll(async (greeter, node) => await marked(greeter, `mark-${node}-again`))
    return { calls: COUNT * COUNT, heard, nodes }
  } finally {
    await Promise.all(modules.map(async module => await module.stop()))
  }
}

/** Calls until the event of such a call has come: from then on this node surely listens to the service. */
async function marked (greeter: Greeter, mark: string): Promise<void> {
  let came = false
  const listener = ({ to }: Greeting): void => { came ||= to === mark }
  greeter.on('greeted', listener)
  while (!came) await greeter.get(mark)
  greeter.off('greeted', listener)
}
