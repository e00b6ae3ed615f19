/** The warnings of this process from now on, which are written nowhere; until mocks are restored. */
export function warnings (): string[] {
  const told: string[] = []
  jest.spyOn(process, 'emitWarning').mockImplementation(message => { told.push(String(message)) })
  return told
}
