import type { CompiledFunction, CompilerCore, EntryRange, LinkedCode } from '@fireball/jit';

/** Defects to plant in a compilation, each where the real one would arise. */
export type CompileFault = 'missing-template' | 'bad-patch';

/** A function that runs in the interpreter or as native code, as the compile service and the code cache see it. */
export interface TieredFunction {
  /** Unique on the virtual SoC. */
  readonly id: string;
  /** In its module. */
  readonly index: number;
  /** Bytes of the body. */
  readonly wasmBytes: number;
  /** Places outside itself that its code may branch to. */
  readonly entries: readonly EntryRange[];
  /**
   * Plan, selection and layout: whoever does that makes the same of the function as it is now, with this core or the host's own, however often.
   * @param osrLoop wasm offset of the loop at which interpreted activations will go on natively
   */
  compilation(osrLoop: number | undefined, fault: CompileFault | undefined): (core: CompilerCore | undefined) => CompiledFunction;
  /** Is what was compiled last still right for what it is linked against? */
  readonly isCurrent: boolean;
  /**
   * Proves the linked code again, where the virtual SoC has a verifier for that.
   * @throws InternalError where it refuses
   */
  verify(code: LinkedCode): void;
  /** Bytes of the function's linear memory as it is now; 0 where there is none. */
  memoryBytes(): number;
  /** From now on calls run this code; undefined: the interpreter. */
  switchTo(code: LinkedCode | undefined): void;
  /** It is no longer on its way to native code: calls and loops ask again. */
  rearm(): void;
  /** Was it called since `forgetUse`? */
  readonly used: boolean;
  /** Makes the next call leave a mark. */
  forgetUse(): void;
}
