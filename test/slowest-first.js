'use strict'

const { relative, sep } = require('node:path')
const { default: Sequencer } = require('@jest/test-sequencer')
const { slowest } = require('./suites.js')

/**
 * Starts the slowest files first, and keeps the order of Jest among all others.
 *
 * Jest knows durations only from earlier runs, of which a clean clone has none, and would go by the sizes of files:
 * short ones that wait for many processes would come last, beside idle workers.
 */
class SlowestFirst extends Sequencer {
  sort (tests) {
    const placeOf = ({ path }) => {
      const place = slowest.indexOf(relative(__dirname, path).split(sep).join('/').replace(/\.test\.ts$/, ''))
      return place === -1 ? slowest.length : place
    }
    return super.sort(tests).sort((one, other) => placeOf(one) - placeOf(other))
  }
}

module.exports = SlowestFirst
