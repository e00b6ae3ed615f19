'use strict'

/** The exit code of a run without a test that `-t` matches. One run of several may have none. */
const NO_TEST_MATCHES = 3

/**
 * Closes a run with one plain line, 'N passed, N failed', for readers that are programs.
 *
 * A test file that could not be loaded has no tests to count, so it counts as one that failed. A run of which `-t`
 * leaves no test fails as well, with an exit code of its own: jest would call it a success.
 */
class PlainSummaryReporter {
  constructor ({ testNamePattern }) {
    this.pattern = testNamePattern
  }

  onRunComplete (_contexts, results) {
    // Jest puts its own summary behind every other reporter; only at exit is the end really the end.
    if (this.results === undefined) process.once('exit', () => this.print())
    this.results = results
  }

  print () {
    const { numPassedTests, numFailedTests, numRuntimeErrorTestSuites, numPendingTests, numTodoTests } = this.results
    const skipped = numPendingTests + numTodoTests
    const line = `${numPassedTests} passed, ${numFailedTests + numRuntimeErrorTestSuites} failed`
    const isEmpty = Boolean(this.pattern) && numPassedTests + numFailedTests + numRuntimeErrorTestSuites === 0
    if (isEmpty) process.exitCode = NO_TEST_MATCHES
    const complaint = isEmpty ? `\nno test has a name that matches '${this.pattern}'\n` : ''
    // The same stream as jest's summary, or the two could change places.
    process.stderr.write(`${complaint}\n${line}${skipped > 0 ? `, ${skipped} skipped` : ''}\n`)
  }
}

module.exports = PlainSummaryReporter
module.exports.NO_TEST_MATCHES = NO_TEST_MATCHES
