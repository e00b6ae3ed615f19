import '@feathersjs/transport-commons'
import { feathers, type Application } from '@feathersjs/feathers'
import { channels } from '@feathersjs/transport-commons'
import { memoryMesh } from '../../memory-mesh'
import { TodoService } from '../../todo-service'
import { until } from '../../until'

const mesh = memoryMesh()

/** A few hundred bytes between nodes, more JSON than a gateway could write in its life. */
function graph (): object {
  let value: object = { leaf: true }
  for (let level = 0; level < 40; level++) value = { first: value, second: [value] }
  return value
}

/** What a gateway hears, and its warnings, while a host emits graphs and then something small. */
async function listen (app: Application): Promise<{ heard: unknown[], warnings: string[] }> {
  const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => {})
  const host = await mesh.start({ services: [TodoService] })
  await mesh.start({ app, key: 'gateway', remotes: ['todos'] })
  const heard: unknown[] = []
  app.service('todos').on('created', (todo: unknown) => heard.push(todo))
  const service = host.app.service('todos')
  for (const payload of [graph(), graph()]) service.emit('created', payload)
  const context = { app: host.app, service, path: 'todos', event: 'created', method: 'create', params: {} }
  service.emit('created', 'hidden', { ...context, dispatch: graph() })
  service.emit('created', 'shown')
  await until(() => heard.includes('shown'))
  const warnings = warn.mock.calls.map(([warning]) => String(warning)).filter(warning => warning.includes('event'))
  warn.mockRestore()
  return { heard, warnings }
}

describe('an event that stands for endless JSON', () => {
  it('is dropped where channels would send it to clients, with one warning', async () => {
    const app = feathers().configure(channels())
    app.publish(() => app.channel('everybody'))
    const { heard, warnings } = await listen(app)
    expect(heard).toEqual(['shown'])
    expect(warnings).toEqual([expect.stringContaining("an event 'created' of 'todos' can't be sent to clients")])
  })

  it('reaches listeners of an app without channels', async () => {
    const { heard, warnings } = await listen(feathers())
    expect(heard).toHaveLength(4)
    expect(warnings).toEqual([])
  })
})
