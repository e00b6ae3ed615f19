import { fieldsOf, listField, numberField, textField, type Fields } from '../../record'
import type { EventFigures } from '../measures'
import type { MethodFigures } from '../method-measure'
import type { NodeFacts, NodeReport, SeenPeer, UnseenPeer } from '../node-report'
import { TAP_SIDES, type TapBatch, type TapRecord } from '../records'
import { Washing } from './washed'

/** Milliseconds from 1970 to the last moment that a Date can tell, and back to the first one. */
const FARTHEST = 8.64e15

/** Reads the report of a peer, which may have sent anything; undefined for what is none. */
export function readReport (answer: unknown): NodeReport | undefined {
  const fields = fieldsOf(new Washing().wash(answer))
  if (textField(fields, 'id') === undefined) return undefined
  return {
    ...readFacts(fields),
    served: rows(fields, 'served').map(readMethod),
    called: rows(fields, 'called').map(readMethod),
    events: rows(fields, 'events').map(readEvent),
    gaps: figure(fields, 'gaps'),
    taps: figure(fields, 'taps')
  }
}

/** Reads what a tap tells; undefined for what is none, as the tap is closed then. */
export function readBatch (answer: unknown): TapBatch | undefined {
  const fields = fieldsOf(new Washing().wash(answer))
  const tap = textField(fields, 'tap')
  if (tap === undefined) return undefined
  return { tap, records: rows(fields, 'records').flatMap(readRecord), lost: figure(fields, 'lost') }
}

function readFacts (fields: Fields): NodeFacts {
  return {
    id: text(fields, 'id'),
    name: text(fields, 'name'),
    key: text(fields, 'key'),
    version: text(fields, 'version'),
    node: text(fields, 'node'),
    uptimeMs: figure(fields, 'uptimeMs'),
    time: figure(fields, 'time'),
    options: fieldsOf(fields.options),
    services: rows(fields, 'services').map(service => ({
      path: text(service, 'path'), ...optionalText(service, 'version'),
      methods: texts(service, 'methods'), events: texts(service, 'events')
    })),
    peers: rows(fields, 'peers').map(readPeer),
    unreachable: rows(fields, 'unreachable').map(readUnseen),
    warnings: rows(fields, 'warnings').map(each => ({ code: text(each, 'code'), text: text(each, 'text') })),
    refusals: figures(fields.refusals)
  }
}

function readPeer (fields: Fields): SeenPeer {
  const roundTripMs = numberField(fields, 'roundTripMs')
  return {
    id: text(fields, 'id'),
    ...optionalText(fields, 'name'),
    key: text(fields, 'key'),
    ...optionalText(fields, 'way'),
    ...optionalText(fields, 'address'),
    ...roundTripMs === undefined ? {} : { roundTripMs }
  }
}

function readUnseen (fields: Fields): UnseenPeer {
  const rest = { ...optionalText(fields, 'id'), ...optionalText(fields, 'name'), ...optionalText(fields, 'code') }
  return { address: text(fields, 'address'), reason: text(fields, 'reason'), ...rest }
}

function readMethod (fields: Fields): MethodFigures {
  const times = fieldsOf(fields.lastMinute)
  const quantiles = ['p50', 'p95', 'p99'].map(name => [name, numberField(times, name)])
  return {
    path: text(fields, 'path'),
    method: text(fields, 'method'),
    calls: figure(fields, 'calls'),
    errors: figures(fields.errors),
    inFlight: figure(fields, 'inFlight'),
    waiting: figure(fields, 'waiting'),
    lastMinute: {
      calls: figure(times, 'calls'), ...Object.fromEntries(quantiles.filter(([, ms]) => ms !== undefined))
    }
  }
}

function readEvent (fields: Fields): EventFigures {
  return {
    path: text(fields, 'path'),
    event: text(fields, 'event'),
    sent: figure(fields, 'sent'),
    received: figure(fields, 'received')
  }
}

function readRecord (fields: Fields): TapRecord[] {
  const side = TAP_SIDES.find(each => each === fields.side)
  if (side === undefined) return []
  const numbers = ['bytes', 'replyLength', 'ms'].map(name => [name, numberField(fields, name)])
  return [{
    side,
    at: Math.max(-FARTHEST, Math.min(figure(fields, 'at'), FARTHEST)),
    path: text(fields, 'path'),
    name: text(fields, 'name'),
    ...optionalText(fields, 'node'),
    ...optionalText(fields, 'key'),
    ...Object.fromEntries(numbers.filter(([, value]) => value !== undefined)),
    ...optionalText(fields, 'outcome'),
    ...optionalText(fields, 'payload')
  }]
}

function rows (fields: Fields, name: string): Fields[] {
  return (listField(fields, name) ?? []).map(fieldsOf)
}

function text (fields: Fields, name: string): string {
  return textField(fields, name) ?? ''
}

function optionalText<Name extends string> (fields: Fields, name: Name): { readonly [N in Name]?: string } {
  const value = textField(fields, name)
  // A computed name makes an index signature.
  return (value === undefined ? {} : { [name]: value }) as { readonly [N in Name]?: string }
}

function texts (fields: Fields, name: string): string[] {
  return (listField(fields, name) ?? []).filter(item => typeof item === 'string')
}

function figure (fields: Fields, name: string): number {
  return numberField(fields, name) ?? 0
}

function figures (value: unknown): Record<string, number> {
  const fields = fieldsOf(value)
  return Object.fromEntries(Object.keys(fields).map(name => [name, figure(fields, name)]))
}
