import type { TextArgument } from './frame-writer'

/** An argument that holds JSON. JSON has no undefined: it arrives as null. */
export function json (value: unknown): TextArgument {
  return { type: 'j', text: JSON.stringify(value) ?? 'null' }
}

/** An argument that holds a string. */
export function string (text: string): TextArgument {
  return { type: 's', text }
}

/** An argument that is encoded already. */
export const NULL: TextArgument = { type: 'j', text: 'null' }
