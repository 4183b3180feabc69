import type { CodeView, DebugTarget } from '@fireball/contracts';
import { boundariesAt } from './boundaries.js';
import { backtrace, returnOf, wordAt, type Frame, type PastState } from './frames.js';
import type { History } from './history.js';

/** Machine instructions that are gone back for the last boundary: first few, then more. */
const windows = [48, 600, 8000];
const generalRegisters = 32;
const floatRegisters = 32;

/** Is this a place where all values are known: between two WebAssembly instructions, or where a function is entered? */
function isKnown(view: CodeView): boolean {
  const { position } = view;
  const code = view.at(position);
  return code !== undefined && (position === code.begin || boundariesAt(code, position).length > 0);
}

/**
 * The activations where the target stands inside of a template, a frame that is being set up or taken down, an out-of-line part, a trap stub, a routine in
 * ROM, or a handler of the interpreter: those of the last boundary before, found by going back, with what has become of their places. Undefined where
 * history does not reach that far. The target stands where it stood.
 */
export function framesInside(target: DebugTarget, view: CodeView, history: History): Frame[] | undefined {
  const here = target.instructions;
  const last = lastKnown(target, view, history, here);
  if (last === undefined) {
    history.goTo(here);
    return undefined;
  }
  history.goTo(last);
  let frames = keep(target, view);
  // Returns since then.
  while (target.instructions < here && frames.length > 0) {
    const back = frames[0]!.back;
    step(target, history);
    if (back !== undefined && view.position === back.pc && sp(target) >= back.sp)
      frames = frames.slice(1).map((frame, index) => (index === 0 ? { ...frame, then: undefined } : frame));
  }
  history.goTo(here);
  const code = view.at(target.pc);
  const [first, ...callers] = frames;
  if (first === undefined) return undefined;
  const isSame = code === first.code || first.code?.interpreted === true;
  const innermost = { ...first, pc: isSame && code !== undefined ? target.pc : first.pc };
  if (isSame) return [innermost, ...callers];
  // It has called something that has no boundary yet: a routine, or a function that is being entered.
  return [{ pc: target.pc, code, boundary: undefined, values: undefined, exact: false, sp: sp(target), register: () => undefined }, first, ...callers];
}

function lastKnown(target: DebugTarget, view: CodeView, history: History, here: number): number | undefined {
  let end = here;
  for (const window of windows) {
    const from = Math.max(history.begin, here - window);
    if (from >= end) return undefined;
    history.goTo(from);
    let last: number | undefined;
    for (;;) {
      if (target.instructions < here && isKnown(view)) last = target.instructions;
      if (target.instructions >= end) break;
      step(target, history);
    }
    if (last !== undefined) return last;
    end = from;
  }
  return undefined;
}

function step(target: DebugTarget, history: History): void {
  target.stops.pass(target.pc);
  history.run(1);
}

const sp = (target: DebugTarget): number => Number(target.readRegister('sp'));

type KeptFrame = Frame & { readonly back: ReturnType<typeof returnOf> };

/** The activations with all that they need, so that they stay what they are when the target goes on. */
function keep(target: DebugTarget, view: CodeView): KeptFrame[] {
  const code = view.at(view.position);
  const order = Math.max(0, boundariesAt(code, view.position).length - 1);
  const floats = Array.from({ length: floatRegisters }, (_, number) => floatOf(target, view, number));
  const stack = new Map<number, number | undefined>();
  return backtrace(target, view, order).map((frame, index): KeptFrame => {
    const registers = Array.from({ length: generalRegisters }, (_, number) => (number < target.registers.length ? frame.register(number) : undefined));
    const back = returnOf(target, view, frame);
    const then: PastState = {
      register: (number) => registers[number],
      float: (number) => floats[number],
      word: (address) => stack.get(address),
    };
    if (index > 0) return { ...frame, register: then.register, back };
    const { code: function_, values } = frame;
    const locations = [...(function_?.locations.locals ?? []), ...(values?.operands ?? []), ...(frame.entry === true ? (function_?.parameters ?? []) : [])];
    for (const word of locations.flatMap((location) => location ?? [])) {
      for (const place of 'of' in word ? [word.of] : word.kind === 'product' ? [word.a, word.b] : [word]) {
        if (place.kind === 'slot') stack.set(frame.sp + place.offset, wordAt(target, frame.sp + place.offset));
      }
    }
    const now = frame.register;
    return { ...frame, exact: false, register: now, then, back };
  });
}

function floatOf(target: DebugTarget, view: CodeView, number: number): bigint | undefined {
  const name = view.floatRegisterName(number);
  return target.registers.some((register) => register.name === name) ? target.readRegister(name) : undefined;
}
