import type { DependencyContainer, InjectionToken } from 'tsyringe'
import type { Failure } from './injection-faults'

type Resolve = (this: DependencyContainer, token: InjectionToken<unknown>, ...context: unknown[]) => unknown

/**
 * A child of a container. It builds with everything that is registered in its parent, and registers nothing there. It
 * keeps the error that was thrown first, of which tsyringe passes on only the text.
 */
export class TracedContainer {
  readonly container: DependencyContainer
  private readonly path: unknown[] = []
  private failure: Failure | undefined

  /** @param parent - the container that the services were registered for */
  constructor (parent: DependencyContainer) {
    this.container = parent.createChildContainer()
    // A child starts with its own registrations of container-scoped classes, which have to come from the parent.
    this.container.reset()
    for (const method of ['resolve', 'resolveAll'] as const) this.trace(method)
  }

  /**
   * Builds what a token stands for.
   *
   * @throws what a constructor or a factory throws, and tsyringe's own errors, which {@link failureOf} explains
   */
  resolve<T> (token: InjectionToken<T>): T {
    this.failure = undefined
    return this.container.resolve(token)
  }

  /** The failure that an error of {@link resolve} began with. */
  failureOf (token: unknown, error: unknown): Failure {
    return this.failure ?? { path: [token], error }
  }

  private trace (method: 'resolve' | 'resolveAll'): void {
    // Both methods take the same arguments; they differ in what they return.
    const original = this.container[method] as Resolve
    const traced: Resolve = (token, ...context) => {
      this.path.push(token)
      try {
        const result = original.call(this.container, token, ...context)
        // The program has handled whatever failed on the way.
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

  /** Whether an error is the known failure, or tsyringe made it from that. */
  private isKnown (error: unknown): boolean {
    if (this.failure === undefined) return false
    const isWrapped = error instanceof Error && error.message.startsWith('Cannot inject the dependency')
    // tsyringe makes an unrelated error from a thrown value that is no Error.
    return error === this.failure.error || isWrapped || !(this.failure.error instanceof Error)
  }
}
