/** A hook before and one behind each call: what a service of Feathers has at least. */
export function countingHooks (): object {
  let before = 0
  let after = 0
  return {
    before: { all: [async () => { before++ }] },
    after: { all: [async () => { after++ }] },
    error: { all: [async () => { after = Math.min(after, before) }] }
  }
}
