import type { Todo } from '../systems/system'

/** A todo of about 200 bytes as JSON. */
export function todo (id: number): Todo {
  return {
    id,
    title: `Water the plants on floor ${id % 10}`,
    notes: 'the big ones by the window twice a week, the others on Fridays',
    done: false,
    labels: ['home', 'plants'],
    createdAt: '2026-01-31T12:00:00.000Z'
  }
}

const BYTES = { todo: 0, '10k': 10_000, '1m': 1_000_000 }

export type ResultSize = keyof typeof BYTES

/** The results that a caller can ask for, by id: one todo, or as many as give so many bytes of JSON. */
export function results (): ReadonlyMap<string, unknown> {
  const one = JSON.stringify(todo(1)).length + 1
  return new Map(Object.entries(BYTES).map(([name, bytes]) => {
    return [name, bytes === 0 ? todo(1) : Array.from({ length: Math.ceil(bytes / one) }, (_, n) => todo(n))]
  }))
}
