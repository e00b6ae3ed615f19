import { setTimeout as delay } from 'node:timers/promises'

/** Milliseconds between two looks. */
const PAUSE = 10

/** Asks until the answer is truthy, and gives it; fails after `patience` milliseconds, naming what was waited for. */
export async function until<T> (what: string, ask: () => T | Promise<T>, patience = 10_000): Promise<NonNullable<T>> {
  const end = Date.now() + patience
  for (;;) {
    const answer = await ask()
    if (answer) return answer
    if (Date.now() > end) throw new Error(`not within ${patience} ms: ${what}`)
    await delay(PAUSE)
  }
}

/** Waits for a promise, but no longer than so many milliseconds. */
export async function atMost<T> (milliseconds: number, promise: Promise<T>, explain: () => string): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const timeout = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`not within ${milliseconds} ms: ${explain()}`)), milliseconds)
  })
  try {
    return await Promise.race([promise, timeout])
  } finally {
    clearTimeout(timer)
  }
}
