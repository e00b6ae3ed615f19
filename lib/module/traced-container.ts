import type { DependencyContainer, InjectionToken } from 'tsyringe'
import type { Failure } from './injection-faults'

type Resolve = (this: DependencyContainer, token: InjectionToken<unknown>, ...context: unknown[]) => unknown

/**
 * A child of a container that builds with all that is registered there, takes more, and leaves nothing behind. It
 * remembers what was thrown first: tsyringe hands on the text of an error only.
 */
export class TracedContainer {
  readonly container: DependencyContainer
  private readonly path: unknown[] = []
  private failure: Failure | undefined

  constructor (outer: DependencyContainer) {
    this.container = outer.createChildContainer()
    // A child has what is made once for each container for itself; without it the outer one is asked for that, too.
    this.container.reset()
    for (const method of ['resolve', 'resolveAll'] as const) this.trace(method)
  }

  /** @throws what a constructor or a factory throws, and tsyringe's own errors, which {@link failureOf} tells of */
  resolve<T> (token: InjectionToken<T>): T {
    this.failure = undefined
    return this.container.resolve(token)
  }

  /** What was thrown first of all that led to an error. */
  failureOf (token: unknown, error: unknown): Failure {
    return this.failure ?? { path: [token], error }
  }

  private trace (method: 'resolve' | 'resolveAll'): void {
    const original = this.container[method] as Resolve
    const traced: Resolve = (token, ...context) => {
      this.path.push(token)
      try {
        const result = original.call(this.container, token, ...context)
        // What went wrong on the way was dealt with.
        this.failure = undefined
        return result
      } catch (error) {
        if (!this.isKnown(error)) this.failure = { path: [...this.path], error }
        throw error
      } finally {
        this.path.pop()
      }
    }
    Object.defineProperty(this.container, method, { value: traced })
  }

  /** Whether an error is the known one, or made of it by tsyringe on its way out. */
  private isKnown (error: unknown): boolean {
    if (this.failure === undefined) return false
    const isWrapped = error instanceof Error && error.message.startsWith('Cannot inject the dependency')
    // Of what is no Error tsyringe can't read the text.
    return error === this.failure.error || isWrapped || !(this.failure.error instanceof Error)
  }
}
