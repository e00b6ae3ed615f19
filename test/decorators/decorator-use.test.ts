import { ConfigurationError, Distributed, DistributedEvent, DistributedMethod, InjectRemote } from 'feathers-mesh'

type Apply = (...args: unknown[]) => unknown

/** As a compiler without types calls it. */
const called = (decorator: unknown, ...args: unknown[]): (() => unknown) => () => (decorator as Apply)(...args)

class Any {
  method (): void {}
}

const NEEDS = /feathers-mesh needs `experimentalDecorators: true`.*tsconfig\.json/s

describe('a decorator applied by the standard protocol', () => {
  it.each<[string, unknown, unknown[]]>([
    ['@Distributed', Distributed('any'), [Any, { kind: 'class', name: 'Any' }]],
    ['@Distributed without parentheses', Distributed, [Any, { kind: 'class', name: 'Any' }]],
    ['@DistributedMethod', DistributedMethod(), [Any.prototype.method, { kind: 'method', name: 'method' }]],
    ['@DistributedMethod on a field', DistributedMethod(), [undefined, { kind: 'field', name: 'method' }]],
    ['@DistributedMethod without parentheses', DistributedMethod, [() => {}, { kind: 'method', name: 'method' }]],
    ['@DistributedEvent', DistributedEvent(), [undefined, { kind: 'field', name: 'done' }]],
    ['@DistributedEvent on an accessor', DistributedEvent(), [{}, { kind: 'accessor', name: Symbol('done') }]],
    ['@DistributedEvent without parentheses', DistributedEvent, [undefined, { kind: 'field', name: 'done' }]],
    ['@InjectRemote', InjectRemote('any'), [undefined, { kind: 'field', name: 'any' }]],
    ['@InjectRemote without parentheses', InjectRemote, [undefined, { kind: 'field', name: 'any' }]]
  ])('throws an error that names the compiler option when it is %s', (_name, decorator, args) => {
    expect(called(decorator, ...args)).toThrow(ConfigurationError)
    expect(called(decorator, ...args)).toThrow(NEEDS)
    expect(called(decorator, ...args)).toThrow(/tsx.*esbuild.*vitest/s)
  })
})

describe('a decorator without parentheses', () => {
  const descriptor = Object.getOwnPropertyDescriptor(Any.prototype, 'method')

  it.each<[unknown, unknown[], string]>([
    [Distributed, [Any], "write @Distributed('todos')"],
    [DistributedMethod, [Any.prototype, 'method', descriptor], 'write @DistributedMethod()'],
    [DistributedMethod, [Any, 'method', descriptor], 'write @DistributedMethod()'],
    [DistributedEvent, [Any.prototype, 'done'], 'write @DistributedEvent()'],
    [InjectRemote, [Any, undefined, 0], "write @InjectRemote('todos'), or @InjectRemote(TodoService)"]
  ])('throws an error that shows the right spelling', (decorator, args, remedy) => {
    expect(called(decorator, ...args)).toThrow(ConfigurationError)
    expect(called(decorator, ...args)).toThrow(remedy)
  })
})
