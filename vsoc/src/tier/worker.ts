import { InternalError, type Isa } from '@fireball/contracts';
import type { CompilerCore } from '@fireball/jit';

/** What compiles functions: the compiler on an emulated CPU, which executes what it does, or the host's, which takes a price. */
export type WorkerKind = 'device' | 'host';

/** What a virtual SoC wants of a worker. */
export interface WorkerRequest {
  readonly kind: WorkerKind;
  readonly isa: Isa;
  /** Core. */
  readonly cpu: string;
  /** Of a worker on the device. */
  readonly memoryBytes: number;
  /** Every memory access of it is checked there. */
  readonly sandboxed: boolean;
}

/** Defects of a worker to plant: it has no memory left, or a bit of its own code or tables is another one than it was. */
export type WorkerFault = 'no-memory' | 'worker-fault';

/** A function is compiled without an address; then its code is patched for its place, verified, and its checksum is taken. */
export type WorkerActivity = 'compiling' | 'linking';

/** A part of the compiler, and what it executed. */
export interface WorkStep {
  readonly name: string;
  readonly instructions: number;
}

/** Where a worker is in the compiler. */
export interface WorkerPlace {
  /** Address of the instruction that it executes next. */
  readonly pc: number;
  /** The same in the compiler as a module; undefined in a routine that has no wasm. */
  readonly wasm: { readonly functionName: string; readonly file: string | undefined; readonly offset: number; readonly instruction: string } | undefined;
  /** Bytes of memory and of stack in use. */
  readonly memoryBytes: number;
  readonly stackBytes: number;
}

/** A piece of work that a worker has done: what it took, and what came of it. */
export interface Work<Made> {
  readonly instructions: number;
  /** In order; together as many instructions. Empty where nobody counted. */
  readonly steps: readonly WorkStep[];
  /** Bytes of memory and of stack in use, at most; 0 where nobody looked. */
  readonly memoryBytes: number;
  readonly stackBytes: number;
  readonly outcome: { readonly made: Made } | { readonly error: unknown };
  /** No more of it than so many instructions was executed. */
  readonly giveUp?: (executed: number) => void;
  /** Where the worker was after so many instructions, for people: it costs the host as much as the work did. Undefined where nothing was executed, or that cannot be told. */
  readonly placeAt?: (executed: number) => WorkerPlace | undefined;
}

/** What a worker is to do. */
export interface WorkerTask<Made> {
  readonly activity: WorkerActivity;
  /** Of the function that it is for. */
  readonly wasmBytes: number;
  /** Does it, with this core; the host's own where there is none. */
  readonly make: (core: CompilerCore | undefined) => Made;
  /** The core does the same once more, and nothing else happens. */
  readonly repeat: (core: CompilerCore | undefined) => void;
}

/** Does the work of compiling, at once as the host sees it. When that is over in virtual time is a question of `WorkerTime`. */
export interface CompileWorker {
  /** What it has on the device: bytes of memory and of stack; absent where the host compiles. */
  readonly room?: { readonly memoryBytes: number; readonly stackBytes: number };
  work<Made>(task: WorkerTask<Made>, fault?: WorkerFault): Work<Made>;
}

/** The compiler on the device did not come to an end, or is not what it was: what it made is not looked at. */
export class WorkerFaultError extends InternalError {}

/** What `make` makes, or throws. */
export function outcomeOf<Made>(make: () => Made): Work<Made>['outcome'] {
  try {
    return { made: make() };
  } catch (error) {
    return { error };
  }
}
