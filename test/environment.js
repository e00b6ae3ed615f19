'use strict'

const { AsyncLocalStorage } = require('node:async_hooks')
const { TestEnvironment } = require('jest-environment-node')
const { setTimeout: delay } = require('node:timers/promises')

/** Milliseconds for sockets to close when the tests of a file are over, and between two looks. */
const PATIENCE = 10_000
const PAUSE = 10

/** The sockets of this process that are open. */
const openSockets = () => process.getActiveResourcesInfo().filter(name => /TCP|UDP/.test(name))

/** Those that the file used: each costs time at every promise of the process, also of files behind it. */
const storages = new Set()

for (const method of ['run', 'enterWith']) {
  const original = AsyncLocalStorage.prototype[method]
  AsyncLocalStorage.prototype[method] = function (...args) {
    storages.add(this)
    return original.apply(this, args)
  }
}

/**
 * Fails a file that leaves a socket open. Otherwise another one would fail that looks for sockets of its own, and only
 * where it happens to run behind the first one in the same process.
 */
class NoSocketsLeft extends TestEnvironment {
  async teardown () {
    const end = Date.now() + PATIENCE
    let open = openSockets()
    while (open.length > 0 && Date.now() < end) {
      await delay(PAUSE)
      open = openSockets()
    }
    for (const storage of storages) storage.disable()
    storages.clear()
    await super.teardown()
    if (open.length > 0) throw new Error(`the file leaves sockets open: ${open.join(', ')}`)
  }
}

module.exports = NoSocketsLeft
