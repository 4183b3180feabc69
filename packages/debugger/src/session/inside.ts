import type { CodeView, DebugTarget } from '@fireball/contracts';
import { boundariesAt } from './boundaries.js';
import { backtrace, returnOf, wordAt, type Frame, type PastState } from './frames.js';
import type { History } from './history.js';

/** Machine instructions that are gone back for the last boundary: first few, then more. */
const windows = [8, 48, 600, 8000];

/** Is this a place where all values are known: between two WebAssembly instructions, or where a function is entered? */
function isKnown(view: CodeView): boolean {
  const { position } = view;
  const code = view.at(position);
  return code !== undefined && (position === code.begin || boundariesAt(code, position).length > 0);
}

/** What of a session says where its activations are. */
interface Inspected {
  readonly target: DebugTarget;
  readonly view: CodeView;
  readonly history: History;
  readonly writes: number;
  frames(): Frame[];
}

/** The activations at any machine instruction, for somebody who looks. */
export class Inspection {
  #last: { readonly key: string; readonly frames: Frame[] } | undefined;

  /** Goes back for them where that is needed, and comes here again. */
  frames(session: Inspected): Frame[] {
    const { target, view, history } = session;
    // Firmware has no code of a module.
    if (view.functions.length === 0 || isKnown(view)) return session.frames();
    const key = `${session.writes} ${history.begin} ${target.instructions} ${target.pc}`;
    if (this.#last?.key !== key) this.#last = { key, frames: framesInside(target, view, history) ?? session.frames() };
    return this.#last.frames;
  }
}

/**
 * The activations where the target stands inside of a template, a frame that is being set up or taken down, an out-of-line part, a trap stub, a routine in
 * ROM, or a handler of the interpreter: those of the last boundary before, found by going back, with what has become of their places. Undefined where
 * history does not reach that far. The target stands where it stood.
 */
function framesInside(target: DebugTarget, view: CodeView, history: History): Frame[] | undefined {
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
  return backtrace(target, view, order).map((frame, index): KeptFrame => {
    const back = returnOf(target, view, frame);
    const state = stateOf(target, view, frame);
    return index > 0 ? { ...frame, register: state.register, back } : { ...frame, exact: false, then: state, back };
  });
}

/** All that the values of a frame are in, as it is now. */
function stateOf(target: DebugTarget, view: CodeView, frame: Frame): PastState {
  const { code, values, sp: base } = frame;
  const registers = new Map<number, number | undefined>();
  const floats = new Map<number, bigint>();
  const words = new Map<number, number | undefined>();
  const locations = [...(code?.locations.locals ?? []), ...(values?.operands ?? []), ...(frame.entry === true ? (code?.parameters ?? []) : [])];
  for (const word of locations.flatMap((location) => location ?? [])) {
    if (word.kind === 'float') floats.set(word.register, target.readRegister(view.floatRegisterName(word.register)));
    for (const place of 'of' in word ? [word.of] : word.kind === 'product' ? [word.a, word.b] : [word]) {
      if (place.kind === 'register') registers.set(place.register, frame.register(place.register));
      if (place.kind === 'slot') words.set(base + place.offset, wordAt(target, base + place.offset));
    }
  }
  return { register: (number) => registers.get(number), float: (number) => floats.get(number), word: (address) => words.get(address) };
}
