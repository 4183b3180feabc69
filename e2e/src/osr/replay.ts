/**
 * On-stack replacement against the reference interpreter: the interpreter is stopped at a loop's header, its state goes to
 * the virtual SoC, and both finish the activation.
 */
import type { Isa } from '@fireball/contracts';
import type { BranchProfile, CodeVerifier, CompilerName } from '@fireball/jit';
import { createVsoc, type VsocOptions } from '@fireball/vsoc';
import {
  InstantiationTrap,
  instantiate,
  isExhaustionTrap,
  observeLoop,
  resumeAtLoop,
  Store,
  WasmFunction,
  type Instance,
  type ValidatedModule,
  type Value,
} from '@fireball/wasm';
import { copyState, differenceOf, guestFrame, hasDropped, textOf, type Twins } from './state.js';

export interface ReplayCall {
  readonly name: string;
  readonly args: readonly Value[];
}

interface ReplayOptions {
  readonly isa: Isa;
  readonly compiler?: CompilerName;
  /** Instructions of the reference interpreter per call. */
  readonly fuel: number;
  readonly verifier?: CodeVerifier;
  readonly cpu?: string;
  /** By which branches are laid out. */
  readonly branches?: BranchProfile;
}

interface ReplayReport {
  /** Entries whose activations were compared to their ends. */
  readonly compared: number;
  /** Of those, the ones that trapped. */
  readonly traps: number;
  /** Something ran out, or the state could not be carried over. */
  readonly inconclusive: number;
  readonly failures: readonly string[];
}

interface Loop {
  readonly index: number;
  readonly wasmOffset: number;
}

class Stopped extends Error {}

/** Tries every loop that the calls reach: at the first, the second and a later arrival. A module that traps in its start function has none. */
export function replayLoops(module: ValidatedModule, calls: readonly ReplayCall[], options: ReplayOptions): ReplayReport {
  try {
    return new Replay(module, options).run(calls);
  } catch (error) {
    if (error instanceof InstantiationTrap) return { compared: 0, traps: 0, inconclusive: 0, failures: [] };
    throw error;
  }
}

class Replay {
  private compared = 0;
  private traps = 0;
  private inconclusive = 0;
  private readonly failures: string[] = [];

  constructor(
    private readonly module: ValidatedModule,
    private readonly options: ReplayOptions,
  ) {}

  run(calls: readonly ReplayCall[]): ReplayReport {
    const loops = this.loops();
    for (const call of calls) {
      for (const [loop, count] of this.count(call, loops)) {
        for (const nth of new Set([1, 2, Math.ceil((2 * count) / 3)])) {
          if (nth <= count) this.replay(call, loop, nth);
        }
      }
    }
    const { compared, traps, inconclusive, failures } = this;
    return { compared, traps, inconclusive, failures };
  }

  private open(verifier?: CodeVerifier): Twins {
    const { isa, compiler, cpu, fuel, branches } = this.options;
    // Native code takes several instructions for one of wasm.
    const vsocOptions: VsocOptions = {
      isa,
      compiler,
      codeBytes: 0xe_0000,
      osrEntries: true,
      fuel: 100 * fuel,
      ...(cpu === undefined ? {} : { cpu }),
      ...(verifier === undefined ? {} : { verifier }),
      ...(branches === undefined ? {} : { branches }),
    };
    const vsoc = createVsoc(vsocOptions);
    return { reference: this.reference(), vsoc, native: vsoc.instantiate(this.module) };
  }

  private reference(): Instance {
    return instantiate(new Store(), this.module);
  }

  /** All loops that have entries; the code is verified on the way. */
  private loops(): Loop[] {
    const { vsoc, native } = this.open(this.options.verifier);
    try {
      return this.module.functions.flatMap(({ index }, position) => (native.code[position]?.osrEntries ?? []).map(({ wasmOffset }) => ({ index, wasmOffset })));
    } finally {
      vsoc.close();
    }
  }

  /** How often the call comes to each loop. */
  private count(call: ReplayCall, loops: readonly Loop[]): Map<Loop, number> {
    const reference = this.reference();
    const counts = new Map<Loop, number>();
    for (const loop of loops) observeLoop(functionOf(reference, loop), loop.wasmOffset, () => counts.set(loop, (counts.get(loop) ?? 0) + 1));
    reference.invoke(call.name, call.args, { fuel: this.options.fuel });
    return counts;
  }

  private replay(call: ReplayCall, loop: Loop, nth: number): void {
    const twins = this.open();
    try {
      const frame = this.stopAt(twins.reference, call, loop, nth);
      if (hasDropped(twins.reference)) this.inconclusive++;
      else
        this.compare(
          twins,
          loop,
          frame,
          `${call.name}(${call.args.map(({ value }) => String(value)).join(', ')}), loop at 0x${loop.wasmOffset.toString(16)}, arrival ${nth}`,
        );
    } finally {
      twins.vsoc.close();
    }
  }

  /** Runs the call up to the `nth` arrival at the loop; the frame there. */
  private stopAt(reference: Instance, { name, args }: ReplayCall, loop: Loop, nth: number): Int32Array {
    let left = nth;
    let stopped: Int32Array | undefined;
    observeLoop(functionOf(reference, loop), loop.wasmOffset, (frame) => {
      if (stopped !== undefined || --left > 0) return;
      stopped = frame;
      throw new Stopped();
    });
    try {
      reference.invoke(name, args, { fuel: this.options.fuel });
    } catch (error) {
      if (!(error instanceof Stopped)) throw error;
    }
    if (stopped === undefined) throw new RangeError(`the call does not come to the loop ${nth} times`);
    return stopped;
  }

  private compare(twins: Twins, loop: Loop, frame: Int32Array, what: string): void {
    const { reference, native } = twins;
    copyState(twins);
    const guest = guestFrame(twins, loop.index, frame);
    const expected = resumeAtLoop(reference.store, functionOf(reference, loop), loop.wasmOffset, frame, { fuel: this.options.fuel });
    const actual = native.enterLoop(loop.index, loop.wasmOffset, guest);
    if (('trap' in expected && isExhaustionTrap(expected.trap.kind)) || actual.trap?.kind === 'call stack exhausted') {
      this.inconclusive++;
      return;
    }
    this.compared++;
    const describe = (trap: { readonly kind: string; readonly at: number | null | undefined } | null, values: readonly string[]): string =>
      trap === null ? values.join(', ') : `trap: ${trap.kind} at ${trap.at ?? 'unknown'}`;
    let wanted: string;
    if ('trap' in expected) {
      this.traps++;
      wanted = describe({ kind: expected.trap.kind, at: expected.trap.offset }, []);
    } else
      wanted = describe(
        null,
        expected.results.map((value) => textOf(twins, value)),
      );
    const got = describe(
      actual.trap === null ? null : { kind: actual.trap.kind, at: actual.trap.wasmOffset },
      actual.results.map((value) => textOf(twins, value)),
    );
    const difference = wanted === got ? differenceOf(twins) : `expected ${wanted}, got ${got}`;
    if (difference !== undefined) this.failures.push(`${what}: ${difference}`);
    if (actual.statistics.nativeInstructions === 0) this.failures.push(`${what}: no compiled code ran`);
  }
}

function functionOf(reference: Instance, { index }: Loop): WasmFunction {
  const callee = reference.functions[index];
  if (!(callee instanceof WasmFunction)) throw new RangeError(`function ${index} has no body`);
  return callee;
}
