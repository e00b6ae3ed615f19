/** NestJS microservices over TCP, which knows neither discovery nor events for many, or over NATS. */
import { setTimeout as delay } from 'node:timers/promises'
import { natsUrl } from '../nats-server'
import { loadPeer } from '../peers'
import { LOOPBACK, type Host, type Place, type System, type Todos } from './system'

interface Microservices {
  readonly Transport: { readonly TCP: number, readonly NATS: number }
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

/** What both sides are given. */
function settingsOf ({ port, name }: Place, isOnNats: boolean, { Transport }: Microservices): object {
  // Nodes of one queue share the calls, as replicas do.
  return isOnNats
    ? { transport: Transport.NATS, options: { servers: [natsUrl()], queue: name }, logger: false }
    : { transport: Transport.TCP, options: { host: LOOPBACK, port }, logger: false }
}

async function hostTodos (place: Place, todos: Todos, isOnNats: boolean): Promise<Host> {
  const [{ NestFactory }, { Module, Controller }, microservices] = await Promise.all([
    loadPeer<Core>('@nestjs/core'),
    loadPeer<Common>('@nestjs/common'),
    loadPeer<Microservices>('@nestjs/microservices')
  ])
  const { MessagePattern, Payload } = microservices

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

  await (await NestFactory.createMicroservice(TodosModule, settingsOf(place, isOnNats, microservices))).listen()
  return {}
}

async function connectTodos (place: Place, isOnNats: boolean): Promise<Todos> {
  const [microservices, { firstValueFrom }] = await Promise.all([
    loadPeer<Microservices>('@nestjs/microservices'),
    loadPeer<{ firstValueFrom: (observable: unknown) => Promise<unknown> }>('rxjs')
  ])
  for (;;) {
    const client = microservices.ClientProxyFactory.create(settingsOf(place, isOnNats, microservices))
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

export function nest (isOnNats = false): System {
  return {
    host: async (place, todos) => await hostTodos(place, todos, isOnNats),
    connect: async place => await connectTodos(place, isOnNats)
  }
}
