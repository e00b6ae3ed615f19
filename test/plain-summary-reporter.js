'use strict'

/**
 * Closes a run with one plain line, 'N passed, N failed', for readers that are programs.
 *
 * A test file that could not be loaded has no tests to count, so it counts as one that failed.
 */
class PlainSummaryReporter {
  onRunComplete (_contexts, results) {
    // Jest puts its own summary behind every other reporter; only at exit is the end really the end.
    if (this.results === undefined) process.once('exit', () => this.print())
    this.results = results
  }

  print () {
    const { numPassedTests, numFailedTests, numRuntimeErrorTestSuites, numPendingTests, numTodoTests } = this.results
    const skipped = numPendingTests + numTodoTests
    const line = `${numPassedTests} passed, ${numFailedTests + numRuntimeErrorTestSuites} failed`
    // The same stream as jest's summary, or the two could change places.
    process.stderr.write(`\n${line}${skipped > 0 ? `, ${skipped} skipped` : ''}\n`)
  }
}

module.exports = PlainSummaryReporter
