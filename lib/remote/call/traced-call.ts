import type { MethodHost } from '../../registry/mesh-node'
import type { CalledTrace } from '../../telemetry/call-tracer'
import type { Request } from '../../transport/transport'
import { Call } from './call'

/** A call with a span. It is a class of its own, so that calls cost nothing more where nobody traces. */
export class TracedCall extends Call {
  private trace: CalledTrace | undefined

  protected override begin (now: number): void {
    super.begin(now)
    const { context: { measures: { tracer } }, invocation: { path, method, params } } = this
    this.trace = tracer?.called(path, method, params)
  }

  protected override end (now: number, error: unknown, host?: MethodHost): number | undefined {
    const ms = super.end(now, error, host)
    if (ms !== undefined) this.trace?.ended(error, ms)
    this.trace = undefined
    return ms
  }

  protected override takeHost (host: MethodHost): void {
    super.takeHost(host)
    this.trace?.sent(host.node.id)
  }

  protected override requestTo (host: MethodHost, deadline: number): Request {
    const { method, id, data, params } = this.invocation
    const { headers: trace } = this.trace ?? {}
    return { method, key: host.node.key, path: host.contract.path, id, data, params, deadline, trace }
  }
}
