import type { Params } from '@feathersjs/feathers'
import { IsInt } from 'class-validator'
import { Distributed, DistributedMethod, DistributedModule } from 'feathers-mesh'

class Order {
  @IsInt() number!: number
}

/** Each call takes more than the time that its caller has, and leaves none to others. */
@Distributed('orders')
class OrderService {
  readonly began: number[] = []

  @DistributedMethod() async create ({ number }: Order, params?: Params & { deadline?: number }): Promise<void> {
    this.began.push(number)
    while (Date.now() < (params?.deadline ?? 0) + 100);
  }
}

describe('a call that arrives together with a call that blocks until the deadline', () => {
  it('never starts, even though its deadline passes only during validation', async () => {
    const cote = { environment: `late-calls-${process.pid}` }
    const host = DistributedModule.forRoot({ cote, services: [OrderService] })
    const consumer = DistributedModule.forRoot({ cote, remotes: [OrderService] })
    try {
      await Promise.all([host.start(), consumer.start()])
      const orders = consumer.remote(OrderService)
      const service = host.resolve(OrderService)
      const calls = [1, 2, 3].map(async number => await orders.with({ timeout: 2_000 }).create({ number }))
      const outcomes = await Promise.allSettled(calls)
      expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected'])
      expect(service.began).toEqual([1])
    } finally {
      await Promise.all([consumer.stop(), host.stop()])
    }
  })
})
