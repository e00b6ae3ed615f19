#!/usr/bin/env node
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import 'reflect-metadata'
import { run } from './run'

const ended = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => ended.abort())
// A reader such as `head` that has enough is no fault.
process.stdout.on('error', () => ended.abort())

void run({
  args: process.argv.slice(2),
  variables: process.env,
  out: text => { process.stdout.write(text) },
  err: text => { process.stderr.write(text) },
  signal: ended.signal,
  // A module of the user, of either kind.
  // eslint-disable-next-line no-restricted-syntax -- an argument names it
  load: async file => await import(pathToFileURL(resolve(file)).href)
}).then(code => { process.exitCode = code })
