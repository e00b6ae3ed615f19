/** Feathers alone: what an idle node is compared with. */
import { feathers } from '@feathersjs/feathers'
import { countingHooks } from './counting-hooks'
import type { Host, Place, System, Todos } from './system'

export const bareFeathers: System = {
  async host (_place: Place, todos: Todos): Promise<Host> {
    const app = feathers()
    app.use('todos', todos)
    app.service('todos').hooks(countingHooks())
    await app.setup()
    return {}
  },

  async connect (): Promise<Todos> {
    throw new Error('Feathers alone calls nobody')
  }
}
