export const build: readonly string[]
export const heavy: readonly string[]
export const slowest: readonly string[]
