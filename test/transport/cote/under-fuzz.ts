import type { DistributedModule, RemoteService } from 'feathers-mesh'
import type { TestProcess } from '../../process'
import type { TodoService } from '../../processes/todo-service'

/** What a node may need more after all of it: less than a byte for each byte that it gets. */
const MOST_GROWTH = 16 * 1024 * 1024

/** Another one for each run finds more; FUZZ_SEED repeats one. */
export const seed = Number(process.env.FUZZ_SEED ?? Date.now() % 1_000_000)

/** Repeats an action, with a limited number running concurrently. */
export async function repeat (count: number, atOnce: number, action: () => Promise<void>): Promise<void> {
  let left = count
  await Promise.all(Array.from({ length: atOnce }, async () => {
    while (left-- > 0) await action()
  }))
}

/**
 * Asks a node for todos one after the other, as a good client does, while it is fuzzed: each call has to be answered,
 * and nothing of the rest may be kept.
 *
 * @param first - the part of the fuzz before the look at its memory: what it needs at a time, it needs from then on
 */
export async function survives (
  { host, client }: { readonly host: TestProcess, readonly client: DistributedModule },
  first: number, fuzz: (share: number) => Promise<unknown>
): Promise<void> {
  const todos: RemoteService<TodoService> = client.remote<TodoService>('todos')
  let answered = 0
  let isOver = false
  const callOn = async (): Promise<void> => {
    while (!isOver) {
      expect(await todos.get(7)).toEqual({ id: 7, title: 'Water the plants', replica: 'A' })
      answered++
    }
  }
  const calls = callOn()
  calls.catch(() => {})
  try {
    await fuzz(first)
    const before = await host.ask<number>('memory')
    const answeredBefore = answered
    await fuzz(1 - first)
    expect(answered).toBeGreaterThan(answeredBefore)
    isOver = true
    await calls
    expect(await todos.get(7)).toHaveProperty('id', 7)
    expect(await host.ask<number>('memory') - before).toBeLessThan(MOST_GROWTH)
    expect(await host.ask('polluted')).toBe(false)
    expect(client.nodes()).toHaveLength(2)
  } finally {
    isOver = true
  }
}
