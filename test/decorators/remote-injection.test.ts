import {
  ConfigurationError, Distributed, DistributedModule, InjectRemote, MemoryNetwork, remoteToken
} from 'feathers-mesh'
import { container, injectable } from 'tsyringe'
import { REMOTE_SOURCE } from '../../lib/decorators/remote-injection'

@Distributed('todos')
class Todos {}

class Undecorated {}

describe('the token of a remote', () => {
  it('is the same for a path, the path with slashes, and the class that has it', () => {
    expect(remoteToken('todos')).toBe(remoteToken('todos'))
    expect(remoteToken(Todos)).toBe(remoteToken('todos'))
    expect(remoteToken('/todos/')).toBe(remoteToken('todos'))
    expect(remoteToken('users')).not.toBe(remoteToken('todos'))
  })

  it('resolves to the remote that the container has for its path', () => {
    const child = container.createChildContainer()
    const remotes: Record<string, object> = { todos: { of: 'todos' }, users: { of: 'users' } }
    child.register(REMOTE_SOURCE, { useValue: { remote: (path: string) => remotes[path] ?? {} } })
    expect(child.resolve(remoteToken('todos'))).toBe(remotes.todos)
    expect(child.resolve(remoteToken('users'))).toBe(remotes.users)
  })

  it('names the remote service in the error when the container has no node', () => {
    @injectable()
    class Dashboard {
      constructor (@InjectRemote('todos') readonly todos: unknown) {}
    }
    expect(() => container.createChildContainer().resolve(Dashboard)).toThrow(/remote service 'todos'/)
  })

  it.each([
    ['@InjectRemote', () => InjectRemote(Undecorated)], ['remoteToken', () => remoteToken(Undecorated)]
  ])('is refused by %s for a class without @Distributed, with the class and the remedy in the error', (_by, use) => {
    expect(use).toThrow(ConfigurationError)
    expect(use).toThrow('Undecorated is asked for as a remote service but has no @Distributed; ' +
      'add it above the class, or give the path of the service instead')
  })
})

describe('a value that is neither a class nor a path', () => {
  const module = DistributedModule.forRoot({ transport: new MemoryNetwork().transport() })

  it.each<[string, (target: string) => unknown]>([
    ['@InjectRemote', InjectRemote], ['remoteToken', remoteToken], ['remote()', target => module.remote(target)]
  ])('is refused by %s in an error that shows the value', (_by, use) => {
    const faultOf = (target: unknown): unknown => {
      try {
        return use(target as string)
      } catch (error) {
        return error instanceof ConfigurationError ? error.faults : error
      }
    }
    expect(faultOf(undefined)).toEqual(['undefined is asked for as a remote service; give its class, or its path ' +
      '(a class that is undefined is often one whose file imports this one)'])
    expect(faultOf(null)).toEqual(['null is asked for as a remote service; give its class, or its path'])
    expect(faultOf({})).toEqual(['{} is asked for as a remote service; give its class, or its path'])
    expect(faultOf('/')).toEqual(["'' is asked for as a remote service; give its path, or its class"])
  })
})

describe('@InjectRemote', () => {
  it('injects remotes by path and by class', () => {
    @injectable()
    class Dashboard {
      constructor (@InjectRemote('users') readonly users: unknown, @InjectRemote(Todos) readonly todos: unknown) {}
    }
    const child = container.createChildContainer()
    child.register(REMOTE_SOURCE, { useValue: { remote: (path: string) => ({ path }) } })
    expect(child.resolve(Dashboard)).toEqual({ users: { path: 'users' }, todos: { path: 'todos' } })
  })
})
