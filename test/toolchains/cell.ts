import type { Project } from './project'

/** What the consumer prints where everything is right; see app/dashboard.ts. */
export const RIGHT = '0, 1, BadRequest, true, heard of 1'

/** One toolchain with one kind of settings. */
export interface Cell {
  readonly toolchain: string
  readonly settings: string
  /** What is installed for it besides the base, as npm knows it: `esbuild`, `ts5.9@npm:typescript@5.9`. */
  readonly packages: readonly string[]
  /** The base is installed apart, with these in place of its own versions. */
  readonly apart?: readonly string[]
  /** Whether it is one of the few that CI runs. */
  readonly short?: boolean
  /** Builds and runs the app; gives what the consumer printed. */
  readonly run: (project: Project, remedied: boolean) => Promise<string>
  /** Where the toolchain can't do it: the message for users and their remedy, which `run` then applies. */
  readonly refusal?: { readonly says: RegExp, readonly remedy: string }
}

export function nameOf ({ toolchain, settings }: Cell): string {
  return `${toolchain}: ${settings}`
}

/** How a cell is right, in words. */
export function wordsOf ({ refusal }: Cell): string {
  return refusal === undefined ? 'right' : `refused; right with ${refusal.remedy}`
}
