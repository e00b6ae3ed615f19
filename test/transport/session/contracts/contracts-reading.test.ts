import { ContractsReading } from '../../../../lib/transport/session/contracts/contracts-reading'

const find = (): object => ({ name: 'find', idempotent: true })

function reply (services: number, fields: object = {}): object {
  const contracts = Array.from({ length: services }, (_, n) => ({ path: `s${n}`, methods: [find()], events: ['created'] }))
  return { id: 'peer', revision: 1, now: 1, contracts, ...fields }
}

describe('reading an answer with contracts', () => {
  it('takes one turn for a short one', () => {
    const reading = ContractsReading.of(reply(100))
    expect(reading?.step()).toBe(false)
    expect(reading?.reply.contracts).toHaveLength(100)
  })

  it('takes as many turns as it is long', () => {
    const turns = (services: number): number => {
      const reading = ContractsReading.of(reply(services))
      let turns = 1
      while (reading?.step() === true) turns++
      expect(reading?.reply.contracts).toHaveLength(services)
      return turns
    }
    expect([turns(2_000), turns(20_000)]).toEqual([3, 30])
  })

  it('reads no more than 20,000 services, and tells that there are more', () => {
    const told: string[] = []
    const reading = ContractsReading.of(reply(20_001), (fault, what) => told.push(`${fault} ${what}`))
    while (reading?.step() === true);
    expect(reading?.reply.contracts).toHaveLength(20_000)
    expect(told).toEqual(['overlongContracts 20001 services'])
  })

  it('reads nothing that is shared', () => {
    const { contracts } = reply(1) as { contracts: unknown[] }
    const often = Array.from({ length: 1_000 }, () => contracts[0])
    const reading = ContractsReading.of({ revision: 1, now: 1, contracts: often })
    reading?.step()
    expect(reading?.reply.contracts).toHaveLength(1)
  })

  it.each([[new Map()], [{ ...reply(1), id: 7 }], [{ ...reply(1), contracts: {} }], [Object.create(reply(1))]])(
    'is refused for %p', value => { expect(ContractsReading.of(value)).toBeUndefined() }
  )
})
