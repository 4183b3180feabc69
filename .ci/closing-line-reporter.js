import { clearInterval, setInterval } from 'node:timers';

/** Milliseconds between two lines on what the tests are at, where stderr is no terminal. */
const linePeriod = 10_000;

/**
 * Jest reporter: while tests run, how far they are, on stderr where that is no terminal (there jest itself shows it); at the end one
 * closing line alone on stdout, `N passed, N failed` (`, N skipped` where there are any).
 * A test file that could not be run at all counts as one failure; jest counts no test of it.
 */
export default class ClosingLineReporter {
  running = new Set();
  finished = 0;

  onRunStart({ numTotalTestSuites }) {
    if (process.stderr.isTTY) return;
    this.timer = setInterval(() => {
      process.stderr.write(`${this.finished} of ${numTotalTestSuites} test files; running: ${[...this.running].join(', ') || 'none'}\n`);
    }, linePeriod);
    this.timer.unref();
  }

  onTestFileStart({ path }) {
    this.running.add(path.slice(process.cwd().length + 1));
  }

  onTestFileResult({ path }) {
    this.running.delete(path.slice(process.cwd().length + 1));
    this.finished += 1;
  }

  onRunComplete(_contexts, results) {
    clearInterval(this.timer);
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    const skipped = results.numPendingTests + results.numTodoTests;
    const parts = [`${results.numPassedTests} passed`, `${failed} failed`];
    if (skipped > 0) parts.push(`${skipped} skipped`);
    process.stdout.write(`${parts.join(', ')}\n`);
  }
}
