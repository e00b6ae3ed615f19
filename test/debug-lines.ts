import createDebug from 'debug'

/** What DEBUG writes from now on, and nowhere else; until mocks are restored. @param namespaces - those that write */
export function debugLines (namespaces: string): string[] {
  const lines: string[] = []
  jest.spyOn(createDebug, 'log').mockImplementation((...args: unknown[]) => { lines.push(args.map(String).join(' ')) })
  createDebug.enable(namespaces)
  return lines
}
