#!/usr/bin/env node
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import 'reflect-metadata'
import { run } from './run'

const ended = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => ended.abort())
// A reader such as `head` that has enough is no fault.
process.stdout.on('error', () => ended.abort())

/** The size of the terminal. */
function size (): { columns: number, rows: number } {
  const { columns, rows } = process.stdout
  return { columns, rows }
}

/** Tells keys as they are pressed, and not when their line has ended. */
function onKey (listener: (key: string) => void): () => void {
  const { stdin } = process
  const hear = (data: Buffer): void => listener(data.toString())
  stdin.setRawMode(true).on('data', hear).resume()
  return () => { stdin.setRawMode(false).off('data', hear).pause() }
}

void run({
  args: process.argv.slice(2),
  variables: process.env,
  out: text => { process.stdout.write(text) },
  err: text => { process.stderr.write(text) },
  signal: ended.signal,
  ...process.stdout.isTTY && process.stdin.isTTY ? { terminal: { size, onKey } } : {},
  // A module of the user, of either kind.
  // eslint-disable-next-line no-restricted-syntax -- an argument names it
  load: async file => await import(pathToFileURL(resolve(file)).href)
}).then(code => { process.exitCode = code })
