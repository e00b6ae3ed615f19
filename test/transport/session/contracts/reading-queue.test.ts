import { setImmediate as nextTurn } from 'node:timers/promises'
import { hashed } from '../../../../lib/transport/session/contracts/contract-list'
import { ReadingQueue } from '../../../../lib/transport/session/contracts/reading-queue'

const source = { id: 'giver', address: '127.0.0.1' }

/** How many lists have been read after each turn of the event loop. */
async function read (texts: readonly string[]): Promise<readonly number[]> {
  let count = 0
  const queue = new ReadingQueue(() => {}, () => { count++ })
  for (const text of texts) queue.add({ ...hashed(text), source })
  const counts: number[] = []
  while (count < texts.length) {
    await nextTurn()
    counts.push(count)
  }
  return counts
}

describe('lists that are read', () => {
  it('share a turn of the event loop where they are short', async () => {
    expect(await read(Array.from({ length: 100 }, () => '[]'))).toEqual([100])
  })

  it('take a turn each where parsing them alone takes as long as one', async () => {
    const long = ' '.repeat(200_000)
    expect(await read(Array.from({ length: 3 }, () => `[${long}]`))).toEqual([1, 2, 3])
  })
})
