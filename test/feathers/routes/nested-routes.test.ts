import express, { rest } from '@feathersjs/express'
import { feathers } from '@feathersjs/feathers'
import { MemoryService } from '@feathersjs/memory'
import { memoryMesh } from '../../memory-mesh'
import { until } from '../../until'

const mesh = memoryMesh()

describe('a remote service nested under a local service', () => {
  it('can disappear and return repeatedly on an Express app', async () => {
    const app = express(feathers())
    app.configure(rest())
    app.use('users', new MemoryService())
    const gateway = await mesh.start({ app, services: [] })
    const path = 'users/:userId/messages'
    const messages = async (): Promise<() => Promise<void>> => {
      const host = await mesh.start({})
      host.app.use(path, new MemoryService())
      await until('it is there', () => gateway.services().some(service => service.path === path))
      return async () => await host.stop()
    }
    const leave = await messages()
    await leave()
    expect(Object.keys(app.services as object)).not.toContain(path)
    await messages()
    expect(Object.keys(app.services as object)).toContain(path)
  })
})
