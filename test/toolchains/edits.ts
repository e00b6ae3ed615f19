/** A change of the sources of the app, as its author makes it for a toolchain. */
export type Edit = (text: string, file: string) => string

/** Replaces one piece of one file, which has to be there. */
export function replace (file: string, from: string, to: string): Edit {
  return (text, name) => {
    if (name !== file) return text
    if (!text.includes(from)) throw new Error(`${file} has no '${from}'`)
    return text.replace(from, to)
  }
}

export function all (...edits: readonly Edit[]): Edit {
  return (text, file) => edits.reduce((edited, edit) => edit(edited, file), text)
}

export const asItIs: Edit = text => text

export const injected = all(
  replace('todo-service.ts', 'constructor (private', 'constructor (@inject(TodoStore) private'),
  replace('todo-service.ts', "from 'feathers-mesh'\n", "from 'feathers-mesh'\nimport { inject } from 'tsyringe'\n")
)

export const dataByHand = all(
  replace('todo-service.ts', '()\n  async create', '({ data: CreateTodo })\n  async create'),
  replace('todo-service.ts', 'idempotent: true', 'data: CompleteTodo, idempotent: true')
)

/** What the compiler does not say about types is said by hand. */
export const byHand = all(injected, dataByHand)

/** Names of files have their endings in ESM. */
export const withEndings: Edit = text => text.replace(/from '(\.\/[\w-]+)'/g, "from '$1.js'")
