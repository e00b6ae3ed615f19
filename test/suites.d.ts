export const build: readonly string[]
export const serial: readonly string[]
