export const build: readonly string[]
export const heavy: readonly string[]
