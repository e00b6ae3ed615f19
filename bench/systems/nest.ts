/** NestJS microservices over TCP. Its TCP knows neither discovery nor events for many. */
import { setTimeout as delay } from 'node:timers/promises'
import { loadPeer } from '../peers'
import { LOOPBACK, type Host, type Place, type System, type Todos } from './system'

interface Microservices {
  readonly Transport: { readonly TCP: number }
  readonly MessagePattern: (pattern: string) => MethodDecorator
  readonly Payload: () => ParameterDecorator
  readonly ClientProxyFactory: {
    create (options: object): { connect (): Promise<unknown>, send (pattern: string, data: object): unknown }
  }
}

interface Core {
  readonly NestFactory: {
    createMicroservice (module: object, options: object): Promise<{ listen (): Promise<unknown> }>
  }
}

interface Common {
  readonly Module: (metadata: object) => ClassDecorator
  readonly Controller: () => ClassDecorator
}

const optionsOf = ({ port }: Place): object => ({ host: LOOPBACK, port })

export const nest: System = {
  async host (place: Place, todos: Todos): Promise<Host> {
    const [{ NestFactory }, { Module, Controller }, { Transport, MessagePattern, Payload }] = await Promise.all([
      loadPeer<Core>('@nestjs/core'),
      loadPeer<Common>('@nestjs/common'),
      loadPeer<Microservices>('@nestjs/microservices')
    ])

    @Controller()
    class TodosController {
      @MessagePattern('get')
      async get (@Payload() { id }: { id: string }): Promise<unknown> {
        return await todos.get(id)
      }

      @MessagePattern('create')
      async create (@Payload() data: { id: string }): Promise<unknown> {
        return await todos.create(data)
      }
    }

    @Module({ controllers: [TodosController] })
    class TodosModule {}

    const settings = { transport: Transport.TCP, options: optionsOf(place), logger: false }
    await (await NestFactory.createMicroservice(TodosModule, settings)).listen()
    return {}
  },

  async connect (place: Place): Promise<Todos> {
    const [{ ClientProxyFactory, Transport }, { firstValueFrom }] = await Promise.all([
      loadPeer<Microservices>('@nestjs/microservices'),
      loadPeer<{ firstValueFrom: (observable: unknown) => Promise<unknown> }>('rxjs')
    ])
    for (;;) {
      const client = ClientProxyFactory.create({ transport: Transport.TCP, options: optionsOf(place) })
      try {
        await client.connect()
        return {
          get: async id => await firstValueFrom(client.send('get', { id })),
          create: async data => await firstValueFrom(client.send('create', data))
        }
      } catch {
        // It has no way to wait for the other side.
        await delay(20)
      }
    }
  }
}
