/**
 * Jest reporter: one closing line alone on stdout, `N passed, N failed` (`, N skipped` where there are any).
 * A test file that could not be run at all counts as one failure; jest counts no test of it.
 */
export default class ClosingLineReporter {
  onRunComplete(_contexts, results) {
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    const skipped = results.numPendingTests + results.numTodoTests;
    const parts = [`${results.numPassedTests} passed`, `${failed} failed`];
    if (skipped > 0) parts.push(`${skipped} skipped`);
    process.stdout.write(`${parts.join(', ')}\n`);
  }
}
