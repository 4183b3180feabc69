/** Instructions that a routine of the guest ROM carries out: operands in argument registers, results in the first ones, everything caller-saved lost. The routine traps by itself. */
import { load32, load8 } from '@fireball/wasm';
import { operationAt } from '../instructions.js';
import { addressField } from '../layout/body.js';
import { farRoutines, moduleWords } from '../layout/environment.js';
import { noResult, pair, resultOf, takenBy } from '../layout/operations.js';
import { entryStride } from '../layout/select.js';
import { callFarRoutine, callRoutine } from '../masm/calls.js';
import { argumentRegister } from '../masm/roles.js';
import { at } from './context.js';
import { keepLastingPinned } from './contents.js';
import { constEntry } from './entries.js';
import { lacksRoutine } from './failure.js';
import { addMove, beginMoves, moveAll } from './moves.js';
import { take as takeEntries } from './operand-stack.js';
import { spillCallerSaved } from './spilling.js';
import { claimed, claimResults, forgetCallerSaved, pushReg, releaseEntry } from './state.js';

/** A numeric instruction. */
export function selectRuntime(record: i32): void {
  const operation = operationAt(record);
  callWith(operation, false, 0);
}

/** Memory and table instructions: the routine gets the address of the records that they work on. */
export function selectRecordOperation(record: i32): void {
  callWith(operationAt(record), true, load32(record + addressField));
}

function callWith(operation: i32, hasDescriptor: boolean, descriptor: i32): void {
  const address = load32(load32(moduleWords) + (operation << 2));
  if (address === 0) {
    lacksRoutine(at());
    return;
  }
  const words = load8(takenBy + operation);
  keepLastingPinned();
  spillCallerSaved(words);
  const entries = takeEntries(words);
  beginMoves();
  for (let word = 0; word < words; word++) addMove(entries + word * entryStride, argumentRegister(word));
  if (hasDescriptor) addMove(constEntry(descriptor, false), argumentRegister(words));
  moveAll();
  for (let word = 0; word < words; word++) releaseEntry(entries + word * entryStride);
  if (load32(farRoutines) !== 0) callFarRoutine(address);
  else callRoutine(address);
  forgetCallerSaved();
  const result = load8(resultOf + operation);
  const results = result === noResult ? 0 : result === pair ? 2 : 1;
  claimResults(results);
  for (let word = 0; word < results; word++) pushReg(claimed(word), word === 1);
}
