import { UnsupportedError } from '@fireball/contracts';
import type { FunctionType } from '../plan/body.js';
import { wordsOf } from '../plan/words.js';
import type { Context } from './context.js';
import type { Reg } from './machine.js';
import { noReg } from './machine.js';
import { moveAll } from './moves.js';
import type { Entry } from './operands.js';

/** Where one argument word travels: a register, or the stack argument at this byte offset. */
export type ArgumentPlace = { readonly reg: Reg } | { readonly stack: number };

/**
 * The calling convention (ABI.md, "Calls"): words go to consecutive argument registers as long as a
 * whole value fits; the rest take 8-byte stack slots, first one lowest, popped by the callee.
 */
export function argumentPlaces(type: FunctionType, args: readonly Reg[]): { places: ArgumentPlace[]; stackBytes: number } {
  const places: ArgumentPlace[] = [];
  let next = 0;
  let stackBytes = 0;
  for (const param of type.params) {
    const words = wordsOf(param);
    if (stackBytes === 0 && next + words <= args.length) {
      for (let word = 0; word < words; word++) places.push({ reg: args[next++] as Reg });
    } else {
      for (let word = 0; word < words; word++) places.push({ stack: stackBytes + 4 * word });
      stackBytes += 8;
    }
  }
  return { places, stackBytes: (stackBytes + 15) & ~15 };
}

export function selectCall(context: Context, callee: number): void {
  const { state, machine, environment, source } = context;
  const type = source.functionType(callee);
  const { places, stackBytes } = argumentPlaces(type, machine.roles.args);
  state.spillCallerSaved(places.length);
  const entries = state.stack.splice(state.stack.length - places.length);
  passStackArguments(context, entries, places, stackBytes);
  moveAll(
    state,
    places.flatMap((place, index) => ('reg' in place ? [{ entry: entries[index] as Entry, reg: place.reg }] : [])),
  );
  for (const entry of entries) state.releaseEntry(entry);
  state.spShift = 0;
  if (callee === source.index) machine.callLabel(context.entryLabel);
  else {
    const { anchor, offset } = machine.splitAddress(environment.slotAddress(callee));
    // An argument register that this call leaves free has shorter encodings than the scratch register.
    const spare = machine.roles.args[places.length] ?? machine.scratch;
    const pinned = state.allocation.constRegs.get(anchor) ?? noReg;
    if (pinned === noReg) machine.loadConst(spare, anchor);
    machine.callSlot(pinned === noReg ? spare : pinned, offset, spare);
  }
  state.forgetTemps();
  pushCallResults(context, type);
}

/** Stack arguments are written below sp first: they may need registers that then receive arguments. */
function passStackArguments(
  context: Context,
  entries: readonly Entry[],
  places: readonly ArgumentPlace[],
  stackBytes: number,
): void {
  if (stackBytes === 0) return;
  const { state, machine } = context;
  machine.adjustStack(-stackBytes);
  state.spShift = stackBytes;
  places.forEach((place, index) => {
    if ('reg' in place) return;
    state.compute(entries[index] as Entry, machine.scratch);
    machine.storeSlot(machine.scratch, place.stack);
  });
}

function pushCallResults(context: Context, type: FunctionType): void {
  const { state, machine } = context;
  const registers = machine.roles.args.slice(0, 4);
  let next = 0;
  for (const result of type.results) {
    for (let word = 0; word < wordsOf(result); word++) {
      const reg = registers[next++];
      if (reg === undefined) {
        throw new UnsupportedError('calls with more than four result words', { offset: machine.wasmOffset });
      }
      state.allocateExactly(reg);
      state.pushReg(reg, word === 1);
    }
  }
}
