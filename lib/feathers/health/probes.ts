import type { IncomingMessage, ServerResponse } from 'node:http'
import type { MeshHealth } from './mesh-health'

/** The paths of the two probes. */
export const PROBES = ['/livez', '/readyz'] as const

/** The path of one of them. */
export type Probe = typeof PROBES[number]

/** What the probes answer from. */
export interface ProbeSource {
  readonly health: () => MeshHealth
  /** Whether answers name services. */
  readonly isDetailed: boolean
}

/** The answer to a probe. */
interface ProbeAnswer {
  readonly status: 200 | 503
  /** JSON. */
  readonly body: string
}

/** Whether a path is that of a probe. */
function isProbe (path: string): path is Probe {
  return PROBES.some(probe => probe === path)
}

/** The path in the URL of a request, without a slash at its end. */
function pathOfUrl (url: string): string {
  const path = url.split('?', 1)[0] ?? ''
  return path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path
}

/** The probe that a request is for; undefined where it is for none. */
export function probeOf ({ method, url = '' }: Pick<IncomingMessage, 'method' | 'url'>): Probe | undefined {
  const path = pathOfUrl(url)
  return (method === 'GET' || method === 'HEAD') && isProbe(path) ? path : undefined
}

/** The answer to a probe. */
export function answerTo (path: Probe, source: ProbeSource): ProbeAnswer {
  // The process answers, so it lives, whatever it waits for.
  if (path === '/livez') return { status: 200, body: JSON.stringify({ status: 'SERVING' }) }
  const { status, ...details } = source.health()
  const body = JSON.stringify(source.isDetailed ? { status, ...details } : { status })
  return { status: status === 'SERVING' ? 200 : 503, body }
}

/** The headers of each answer: it counts for this moment only. */
export const PROBE_HEADERS = { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' } as const

/** Writes an answer. */
export function writeAnswer (response: ServerResponse, { status, body }: ProbeAnswer): void {
  response.writeHead(status, { ...PROBE_HEADERS, 'content-length': Buffer.byteLength(body) })
  response.end(body)
}
