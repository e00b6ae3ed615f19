import { Socket } from 'node:net'
import { Admission, type Visitor } from '../../../../lib/transport/cote/inbound/admission'
import type { RejectionReason } from '../../../../lib/transport/rejections'

interface Admitted {
  readonly admission: Admission
  readonly rejected: RejectionReason[]
  /** Lets a connection in; undefined where it is refused. */
  readonly admit: (address?: string) => Visitor | undefined
}

function admitting ({ perAddress = 3, inAll = 100 } = {}): Admitted {
  const rejected: RejectionReason[] = []
  const admission = new Admission({
    maxConnectionsPerAddress: perAddress, maxConnections: inAll, onRejected: reason => rejected.push(reason)
  })
  return {
    admission,
    rejected,
    admit (address = '10.0.0.1') {
      const socket = new Socket()
      const visitor = admission.admit(socket, address)
      if (visitor !== undefined) socket.once('close', () => admission.release(visitor))
      return visitor
    }
  }
}

const isOpen = (visitor: Visitor | undefined): boolean => visitor?.socket.destroyed === false

describe('silent connections of one address', () => {
  it('give way to the next one, the oldest first', () => {
    const { admit, rejected } = admitting()
    const visitors = Array.from({ length: 5 }, () => admit())
    expect(visitors.map(isOpen)).toEqual([false, false, true, true, true])
    expect(rejected).toEqual(['tooManyConnections', 'tooManyConnections'])
  })

  it('take no place of those that are proven', () => {
    const { admit } = admitting()
    const members = Array.from({ length: 3 }, () => admit())
    for (const member of members) member?.isProven()
    const strangers = Array.from({ length: 10 }, () => admit())
    expect(members.every(isOpen)).toBe(true)
    expect(strangers.filter(isOpen)).toHaveLength(3)
  })

  it('take no place of those from elsewhere', () => {
    const { admit } = admitting()
    const other = admit('10.0.0.2')
    for (let n = 0; n < 10; n++) admit()
    expect(isOpen(other)).toBe(true)
  })

  it('are counted no more once they have closed', () => {
    const { admission, admit, rejected } = admitting()
    for (let n = 0; n < 10; n++) {
      const visitor = admit()
      if (visitor !== undefined) admission.release(visitor)
    }
    expect(rejected).toEqual([])
  })

  it('end after a time, the others not', () => {
    const { admission, admit, rejected } = admitting()
    const visitors = Array.from({ length: 3 }, () => admit())
    visitors[0]?.speaks()
    visitors[1]?.isProven()
    admission.dismissSilent(-1)
    expect(visitors.map(isOpen)).toEqual([true, true, false])
    expect(rejected).toEqual(['silentConnection'])
  })
})

describe('connections that have said something', () => {
  it('give way when they are idle, those without an introduction first', () => {
    const { admit } = admitting()
    const [introduced, busy, bare] = Array.from({ length: 3 }, () => admit())
    for (const visitor of [introduced, busy, bare]) visitor?.speaks()
    Object.assign(introduced ?? {}, { isIntroduced: true })
    Object.assign(busy ?? {}, { isBusy: () => true })
    const next = admit()
    next?.speaks()
    expect([introduced, busy, bare, next].map(isOpen)).toEqual([true, true, false, true])
    const last = admit()
    Object.assign(next ?? {}, { isBusy: () => true })
    last?.speaks()
    expect([introduced, busy, next, last].map(isOpen)).toEqual([false, true, true, true])
  })

  it('are closed themselves when all others are busy', () => {
    const { admit } = admitting()
    const visitors = Array.from({ length: 3 }, () => admit())
    for (const visitor of visitors) {
      visitor?.speaks()
      Object.assign(visitor ?? {}, { isBusy: () => true })
    }
    const next = admit()
    next?.speaks()
    expect([...visitors, next].map(isOpen)).toEqual([true, true, true, false])
  })
})

describe('proven connections', () => {
  it('never give way to another one, which is refused', () => {
    const { admit, rejected } = admitting()
    const visitors = Array.from({ length: 4 }, () => {
      const visitor = admit()
      visitor?.isProven()
      return visitor
    })
    expect(visitors.map(isOpen)).toEqual([true, true, true, false])
    expect(rejected).toEqual(['tooManyConnections'])
  })

  it('make room once, however often they are said to have closed', () => {
    const { admission, admit } = admitting()
    const [first] = Array.from({ length: 3 }, () => {
      const visitor = admit()
      visitor?.isProven()
      return visitor
    })
    for (let n = 0; n < 3; n++) if (first !== undefined) admission.release(first)
    const next = [admit(), admit()]
    for (const visitor of next) visitor?.isProven()
    expect(next.map(isOpen)).toEqual([true, false])
  })
})

describe('connections in all', () => {
  it('are bounded: one of the address that has most gives way', () => {
    const { admit } = admitting({ inAll: 4 })
    const many = Array.from({ length: 3 }, () => admit('10.0.0.1'))
    const few = admit('10.0.0.2')
    const next = admit('10.0.0.3')
    expect([...many, few, next].map(isOpen)).toEqual([false, true, true, true, true])
  })

  it.each(['silent', 'idle'])('are bounded: a %s one gives way if those of the fullest address are busy', standing => {
    const { admit } = admitting({ inAll: 4 })
    const busy = Array.from({ length: 3 }, () => admit('10.0.0.1'))
    for (const visitor of busy) {
      visitor?.speaks()
      Object.assign(visitor ?? {}, { isBusy: () => true })
    }
    const other = admit('10.0.0.2')
    if (standing === 'idle') other?.speaks()
    const next = admit('10.0.0.3')
    expect([...busy, other, next].map(isOpen)).toEqual([true, true, true, false, true])
  })

  it('are refused when all of them are proven', () => {
    const { admit, rejected } = admitting({ inAll: 2 })
    for (let n = 0; n < 2; n++) admit()?.isProven()
    expect(admit('10.0.0.2')).toBeUndefined()
    expect(rejected).toEqual(['tooManyConnections'])
  })
})
