import type { IncomingMessage, ServerResponse } from 'node:http'
import { TEXT_TYPE } from '../../metrics/text-format'
import type { MeshHealth } from './mesh-health'

const JSON_TYPE = 'application/json; charset=utf-8'

/** The paths of the two probes. */
const PROBES = ['/livez', '/readyz'] as const

/** Where metrics are told. */
export interface MetricsRoute {
  readonly path: string
  readonly text: () => string
}

/** What the probes of one place answer from. */
export interface ProbeSource {
  /** Whether `/livez` and `/readyz` are answered. */
  readonly areOn: boolean
  readonly health: () => MeshHealth
  /** Whether answers name services. */
  readonly isDetailed: boolean
  /** Undefined where they are not told. */
  readonly metrics: MetricsRoute | undefined
}

/** The answer to a probe. */
interface ProbeAnswer {
  readonly status: 200 | 503
  /** The type of the body. */
  readonly type: string
  readonly body: string
}

/** The paths that are answered. */
export function probePaths ({ areOn, metrics }: ProbeSource): string[] {
  return [...areOn ? PROBES : [], ...metrics === undefined ? [] : [metrics.path]]
}

/** The path in the URL of a request, without a slash at its end. */
function pathOfUrl (url: string): string {
  const path = url.split('?', 1)[0] ?? ''
  return path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path
}

/** The path of the probe that a request is for; undefined where it is for none. */
export function probeOf (
  { method, url = '' }: Pick<IncomingMessage, 'method' | 'url'>, source: ProbeSource
): string | undefined {
  const path = pathOfUrl(url)
  return (method === 'GET' || method === 'HEAD') && probePaths(source).includes(path) ? path : undefined
}

/** The answer to a probe. */
export function answerTo (path: string, source: ProbeSource): ProbeAnswer {
  const { metrics } = source
  if (path === metrics?.path) return { status: 200, type: TEXT_TYPE, body: metrics.text() }
  // The process answers, so it lives, whatever it waits for.
  if (path === '/livez') return { status: 200, type: JSON_TYPE, body: JSON.stringify({ status: 'SERVING' }) }
  const { status, ...details } = source.health()
  const body = JSON.stringify(source.isDetailed ? { status, ...details } : { status })
  return { status: status === 'SERVING' ? 200 : 503, type: JSON_TYPE, body }
}

/** The headers of an answer: it counts for this moment only. */
export function probeHeaders ({ type }: ProbeAnswer): Record<string, string> {
  return { 'content-type': type, 'cache-control': 'no-store' }
}

/** Writes an answer. */
export function writeAnswer (response: ServerResponse, answer: ProbeAnswer): void {
  const { status, body } = answer
  response.writeHead(status, { ...probeHeaders(answer), 'content-length': Buffer.byteLength(body) })
  response.end(body)
}
