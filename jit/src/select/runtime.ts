import { UnsupportedError } from '@fireball/contracts';
import { opcodeByName, type BulkOpName, type OpName, type ValueType } from '@fireball/wasm';
import type { Instruction } from '../plan/body.js';
import { recordOps } from '../plan/ops.js';
import { wordCount, wordsOf } from '../plan/words.js';
import type { Context } from './context.js';
import { moveAll } from './moves.js';
import type { Entry } from './operands.js';
import { spillCallerSaved } from './spilling.js';

/**
 * A numeric instruction that a routine of the guest ROM carries out: operands in argument
 * registers, results in the first ones, everything caller-saved lost. The routine traps by itself.
 */
export function selectRuntime(context: Context, op: OpName): void {
  const { signature } = opcodeByName(op);
  if (signature === undefined) throw unsupported(context, op);
  callRoutine(context, op, wordCount(signature.params), undefined, signature.results);
}

/** Memory and table instructions: the routine gets the address of the records that they work on. */
export function selectRecordOperation(context: Context, op: BulkOpName, { a, b }: Instruction): void {
  const { operands, results } = recordOps[op];
  const descriptor = context.environment.descriptorAddress(op, a, b);
  callRoutine(context, op, operands, descriptor, results);
}

function unsupported(context: Context, op: OpName): UnsupportedError {
  return new UnsupportedError(op, { offset: context.masm.wasmOffset, section: 'code' });
}

function callRoutine(context: Context, op: OpName, words: number, descriptor: number | undefined, results: readonly ValueType[]): void {
  const { state, masm, environment } = context;
  const address = environment.routineAddress(op);
  if (address === undefined) throw unsupported(context, op);
  spillCallerSaved(state, words);
  const entries = state.stack.take(words);
  const passed: Entry[] = descriptor === undefined ? entries : [...entries, { kind: 'const', value: descriptor | 0, high: false }];
  moveAll(
    state,
    passed.map((entry, index) => ({ entry, reg: masm.roles.args[index] as number })),
  );
  for (const entry of entries) state.releaseEntry(entry);
  if (environment.farRoutines === true) masm.callFarRoutine(address);
  else masm.callRoutine(address);
  state.forgetCallerSaved();
  const highs = results.flatMap((type) => (wordsOf(type) === 2 ? [false, true] : [false]));
  const registers = state.claimResults(masm.roles.args.slice(0, highs.length));
  highs.forEach((high, index) => state.pushReg(registers[index] as number, high));
}
