import type { Application, HookContext, NextFunction } from '@feathersjs/feathers'
import type { CallTracer } from '../telemetry/call-tracer'
import { onlyForClients } from './hooks/registered-hooks'

/**
 * Makes the calls of outside clients part of their traces, whose headers Express and Koa put into the params: what a
 * service calls and publishes belongs to the trace, wherever the service is.
 */
export function traceRequests (app: Application, tracer: CallTracer): void {
  app.hooks({
    around: {
      all: [onlyForClients(async ({ params }: HookContext, next: NextFunction) => {
        if (params.provider === 'rest') await tracer.entered(params, next)
        else await next()
      })]
    }
  })
}
