/** How many letters may differ between a mistyped name and the right one. */
const MAX_DISTANCE = 2

/** The name that was probably meant; undefined if none is close. */
export function nearestName (name: string, names: readonly string[]): string | undefined {
  const wanted = name.toLowerCase()
  let nearest: string | undefined
  let least = MAX_DISTANCE + 1
  for (const candidate of names) {
    const letters = distance(candidate.toLowerCase(), wanted)
    // Any two short names are close to each other.
    if (letters >= least || letters >= wanted.length) continue
    nearest = candidate
    least = letters
  }
  return nearest
}

/** How many letters two names differ by (Levenshtein). */
function distance (a: string, b: string): number {
  if (Math.abs(a.length - b.length) > MAX_DISTANCE) return Infinity
  let row = Array.from({ length: b.length + 1 }, (_, n) => n)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min((next[j - 1] ?? 0) + 1, (row[j] ?? 0) + 1, replaced))
    }
    row = next
  }
  return row[b.length] ?? 0
}
