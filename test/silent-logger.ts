/** A logger for tests of what is not logged. */
export const silentLogger = { error: () => {}, warn: () => {}, info: () => {}, debug: () => {} }
