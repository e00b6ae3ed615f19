import type { NodeLog } from '../../lib/log'
import { OutageLines } from '../../lib/transport/outage-lines'

let told: string[]
let lines: OutageLines

beforeEach(() => {
  jest.useFakeTimers()
  told = []
  const log: NodeLog = { tell: (code, text) => { told.push(`${code}: ${text}`) } }
  lines = new OutageLines({ log, lost: 'FEATHERS_MESH_SERVER_LOST', back: 'FEATHERS_MESH_SERVER_BACK' })
})

afterEach(() => {
  lines.stop()
  jest.useRealTimers()
})

const LOST = 'FEATHERS_MESH_SERVER_LOST: lost'
const BACK = 'FEATHERS_MESH_SERVER_BACK: back'

function comeAndGo (times: number): void {
  for (let n = 0; n < times; n++) {
    lines.lost('lost')
    lines.back('back')
  }
}

describe('the lines about an outage', () => {
  it('tell each of two outages and its end at once, and each change once', () => {
    lines.back('back')
    lines.lost('lost')
    lines.lost('lost')
    lines.back('back')
    lines.back('back')
    comeAndGo(1)
    expect(told).toEqual([LOST, BACK, LOST, BACK])
  })

  it('tell later what could not be told at once, if it still holds', () => {
    comeAndGo(2)
    lines.lost('lost')
    expect(told).toHaveLength(4)
    jest.advanceTimersByTime(30_000)
    expect(told.slice(4)).toEqual([LOST])
  })

  it('tell nothing of an outage that was over before it could be told', () => {
    comeAndGo(3)
    jest.advanceTimersByTime(600_000)
    expect(told).toHaveLength(4)
  })

  it('are few however often it comes and goes, tell the number of changes, and end with what is true', () => {
    for (let second = 0; second < 600; second++) {
      comeAndGo(1)
      if (second % 2 === 0) lines.lost('lost')
      jest.advanceTimersByTime(1_000)
    }
    expect(told.length).toBeLessThanOrEqual(4 + 600 / 30)
    expect(told.join()).toMatch(/lost \(it has changed \d+ times since the last line\)/)
    lines.lost('lost for good')
    jest.advanceTimersByTime(60_000)
    expect(told.at(-1)).toContain('lost for good')
  })

  it('come at once for a later outage', () => {
    comeAndGo(2)
    jest.advanceTimersByTime(120_000)
    comeAndGo(2)
    expect(told).toEqual([LOST, BACK, LOST, BACK, LOST, BACK, LOST, BACK])
  })

  it('end with their node', () => {
    comeAndGo(2)
    lines.lost('lost')
    lines.stop()
    jest.advanceTimersByTime(60_000)
    expect(told).toHaveLength(4)
  })
})
