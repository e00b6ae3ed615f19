import { run } from '../../lib/cli/run'
import type { Variables } from '../../lib/option-table/variable'

/** What a command printed, and the code that it ended with. */
export interface Ran {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** How a command is run. */
export interface RunTerms {
  readonly signal?: AbortSignal
  readonly variables?: Variables
  /** Gets what it prints, as it comes. */
  readonly onOut?: (text: string) => void
  /** Gets what it tells on stderr, as it comes. */
  readonly onErr?: (text: string) => void
}

/** Runs a command in this process. */
export async function cli (
  args: readonly string[], { signal = new AbortController().signal, variables = {}, onOut, onErr }: RunTerms = {}
): Promise<Ran> {
  let [out, err] = ['', '']
  const code = await run({
    args,
    variables,
    signal,
    load: async () => ({}),
    out: text => {
      out += text
      onOut?.(text)
    },
    err: text => {
      err += text
      onErr?.(text)
    }
  })
  return { code, out, err }
}
