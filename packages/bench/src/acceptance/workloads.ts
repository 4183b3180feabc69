import { join } from 'node:path';
import { loadModule, type LoadedModule } from '@fireball/engines';
import { bundledKernels } from '@fireball/kernels';
import type { Value } from '@fireball/wasm';

/** One function of a kernel, called again and again as a task on a device would. */
export interface Workload {
  readonly name: 'small' | 'middle' | 'large';
  /** What it is, for people. */
  readonly what: string;
  readonly loaded: LoadedModule;
  /** Index of the function. */
  readonly index: number;
  readonly calls: number;
  /** Before each call: the arguments, and what memory holds. */
  readonly prepare: (call: number, memory: Uint8Array) => readonly Value[];
}

const i32 = (value: number): Value => ({ type: 'i32', value });

/** Numbers that repeat: those of the kernels' own generator. */
function fill(memory: Uint8Array, seed: number, bytes: number): void {
  const words = new Uint32Array(memory.buffer, memory.byteOffset, bytes >> 2);
  let state = seed;
  for (let index = 0; index < words.length; index++) words[index] = state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
}

/**
 * C functions of the bundled kernels as clang compiled them: a recursive one of a few instructions, a loop with swaps and
 * recursion, and the largest function there is, of loops over many live values.
 */
export async function loadWorkloads(): Promise<Workload[]> {
  const load = (kernel: string): Promise<LoadedModule> => loadModule(join(bundledKernels, 'wasm', `${kernel}.wasm`));
  return [
    { name: 'small', what: 'fib(5), recursive', loaded: await load('fib'), index: 1, calls: 4000, prepare: () => [i32(5)] },
    {
      name: 'middle',
      what: 'quicksort of 24 numbers',
      loaded: await load('qsort'),
      index: 1,
      calls: 1500,
      prepare(call, memory) {
        // All of memory: wherever the kernel's array lies.
        fill(memory, call + 1, 0x4000);
        return [i32(0), i32(23)];
      },
    },
    {
      name: 'large',
      what: 'SHA-256 of a block',
      loaded: await load('sha256'),
      index: 1,
      calls: 1000,
      // Any block will do: the state goes on from call to call.
      prepare: (call) => [i32(0x400 + 64 * (call % 32))],
    },
  ];
}
