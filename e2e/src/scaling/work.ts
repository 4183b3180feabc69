import { Session } from 'node:inspector';

interface ScriptCoverage {
  readonly url: string;
  readonly functions: readonly { readonly functionName: string; readonly ranges: readonly { readonly count: number }[] }[];
}

/** How often blocks of JavaScript were executed: work that is the same on every machine, unlike time. What V8 does inside of its own functions is not in it. */
export interface Work {
  readonly blocks: number;
  /** By function, as `file name`. */
  readonly byFunction: ReadonlyMap<string, number>;
}

/** Counts executed blocks, by V8's coverage. One at a time in a process. */
export class WorkCounter {
  private readonly session = new Session();

  constructor() {
    this.session.connect();
    this.session.post('Profiler.enable');
    this.session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  }

  /** What was executed since this was asked last. */
  take(): Work {
    const byFunction = new Map<string, number>();
    let blocks = 0;
    for (const { url, functions } of this.coverage()) {
      for (const { functionName, ranges } of functions) {
        const count = ranges.reduce((sum, range) => sum + range.count, 0);
        const name = `${url.split('/').slice(-2).join('/')} ${functionName}`;
        blocks += count;
        byFunction.set(name, (byFunction.get(name) ?? 0) + count);
      }
    }
    return { blocks, byFunction };
  }

  /** The session answers before `post` returns. */
  private coverage(): readonly ScriptCoverage[] {
    let taken: readonly ScriptCoverage[] = [];
    this.session.post('Profiler.takePreciseCoverage', (error, { result }) => {
      if (error !== null) throw error;
      taken = result;
    });
    return taken;
  }

  close(): void {
    this.session.post('Profiler.stopPreciseCoverage');
    this.session.disconnect();
  }
}
