import { UsageError } from '@fireball/contracts';
import { yieldStub, type EntryRange, type LinkEnvironment } from '@fireball/jit';
import type { DataMemory } from '../chip/data-memory.js';
import type { SystemCalls } from './host-functions.js';

/** How running code is asked to yield. */
export interface SafepointOptions {
  /** Guest instructions of a call after which it is asked to yield, again and again; never unless told otherwise. */
  readonly timeSlice?: number;
  /** Called while the running code has yielded; when this returns, it goes on. What this throws ends the call. */
  readonly onYield?: () => void;
}

/** The word that code looks at whether it shall yield, and the service that it calls then; neither where no code ever looks. */
export class Safepoints {
  /** Where they are, for code. */
  readonly place: LinkEnvironment['safepoint'];
  /** The service. */
  readonly stub: EntryRange | undefined;
  /** Guest instructions of a call after which it is asked to yield. */
  readonly timeSlice: number;
  /** How often running code has yielded. */
  yields = 0;

  constructor(
    private readonly dataMemory: DataMemory,
    systemCalls: SystemCalls,
    options: SafepointOptions | undefined,
  ) {
    this.timeSlice = options?.timeSlice ?? Infinity;
    if (options === undefined) return;
    const flag = dataMemory.allocate(4);
    const serve = (): [] => {
      dataMemory.writeWord(flag, 0);
      this.yields++;
      options.onYield?.();
      return [];
    };
    this.stub = systemCalls.install({ params: [], results: [] }, serve, yieldStub);
    this.place = { flag, service: this.stub.begin };
  }

  /**
   * Running code, or code that will run, comes to the service at its next safepoint.
   * @throws UsageError where code has none
   */
  request(): void {
    if (this.place === undefined) throw new UsageError('this virtual SoC makes code without safepoints');
    this.dataMemory.writeWord(this.place.flag, 1);
  }
}
