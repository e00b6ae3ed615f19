#!/usr/bin/env node
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
  signal: ended.signal
}).then(code => { process.exitCode = code })
