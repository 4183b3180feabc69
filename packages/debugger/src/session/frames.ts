import type { Boundary, CodeView, DebugFunction, DebugTarget, InterpretedFrame, ReturnPlace } from '@fireball/contracts';
import { boundariesAt, boundaryAt, boundaryBefore, boundaryFrom } from './boundaries.js';

/** Registers and stack as they were at an earlier moment. */
export interface PastState {
  readonly register: (register: number) => number | undefined;
  readonly float: (register: number) => bigint | undefined;
  readonly word: (address: number) => number | undefined;
}

/** One activation of a function, innermost first in a backtrace. */
export interface Frame {
  /** Of an interpreted function the address of its instruction. */
  readonly pc: number;
  /** Undefined in a routine in ROM, and elsewhere outside of generated code. */
  readonly code: DebugFunction | undefined;
  /** The boundary that it stands at, or the last one before it; undefined where its frame is not set up yet. */
  readonly boundary: Boundary | undefined;
  /** Where its values are looked for: of a caller, behind the call, where what the call may change is somewhere else already. */
  readonly values: Boundary | undefined;
  /** It stands exactly there, not inside of a template. */
  readonly exact: boolean;
  /** sp as between two instructions. */
  readonly sp: number;
  /** A general register as the function will find it; undefined where a call that goes on may change it. */
  readonly register: (register: number) => number | undefined;
  /** Of one that calls, or has just been returned to: its operands below what the call takes or gives. The callee has all floating-point registers for itself. */
  readonly kept?: number;
  /** It is being entered: only its parameters are there, where the caller has put them. */
  readonly entry?: boolean;
  /** Where it is inside of an instruction: the state in front of that. A place that has changed since does not hold its value any more. */
  readonly then?: PastState | undefined;
  /** Of one that compilers have inlined others into, where it stands in those. */
  readonly level?: InlinedLevel;
}

/** One of several functions of the source that one activation stands in. */
export interface InlinedLevel {
  /** From 0, the innermost one. */
  readonly index: number;
  /** Of an inlined function; the activation's own has none. */
  readonly name: string | undefined;
  /** Where it has called the one that is inlined; undefined of the innermost one, and where nothing says so. */
  readonly place: { readonly file: string; readonly line: number } | undefined;
  /** Among activations without inlined ones, from 0, the innermost. */
  readonly activation: number;
}

/** Longest backtrace. */
const mostFrames = 1000;

/**
 * The activations of wasm functions, generated and interpreted, and of a routine in ROM that the innermost one has called. Return addresses are where location maps say; it
 * ends where a routine or a function is setting up its frame, because nothing says where sp was, and where a frame would be the one before again.
 */
export function backtrace(target: DebugTarget, view: CodeView, order: number): Frame[] {
  const frames: Frame[] = [];
  let frame: Frame | undefined = innermost(target, view, order);
  while (frame !== undefined && frames.length < mostFrames) {
    frames.push(frame);
    const caller = callerOf(target, view, frame);
    // What never returns may seem to return to itself.
    frame = caller?.pc === frame.pc && caller.sp === frame.sp ? undefined : caller;
  }
  return frames;
}

/** What runs now. */
export function innermost(target: DebugTarget, view: CodeView, order: number): Frame {
  const interpreted = view.interpreter?.innermost;
  if (interpreted !== undefined) return frameOf(interpreted, machineRegister(target, view), true);
  const { pc } = target;
  const sp = Number(target.readRegister('sp'));
  const register = machineRegister(target, view);
  const code = view.at(pc);
  const here = code === undefined ? undefined : boundaryAt(code, pc, order);
  const boundary = here ?? (code === undefined ? undefined : boundaryBefore(code, pc));
  return { pc, code, boundary, values: boundary, exact: here !== undefined, sp, register, entry: here === undefined && pc === code?.begin };
}

function machineRegister(target: DebugTarget, view: CodeView): (register: number) => number {
  return (register) => Number(target.readRegister(view.registerName(register))) | 0;
}

function frameOf({ code, address, boundary, sp }: InterpretedFrame, register: Frame['register'], exact: boolean): Frame {
  return { pc: address, code, boundary, values: boundary, exact, sp, register };
}

const nothing = (): undefined => undefined;

/** Where the frame's function returns to, and sp behind that; undefined where nothing says so. */
export function returnOf(target: DebugTarget, view: CodeView, frame: Frame): { readonly pc: number; readonly sp: number } | undefined {
  const { code, boundary, sp, register } = frame;
  if (code === undefined) return view.returnPlace?.(frame);
  if (code.interpreted) {
    const caller = view.interpreter?.callerOf({ code, sp });
    return caller === undefined || 'pc' in caller ? caller : { pc: caller.next, sp: caller.sp };
  }
  const linked = register(view.link);
  if (frame.pc === code.begin && linked !== undefined) return { pc: (linked & ~1) >>> 0, sp: sp + code.argumentBytes };
  if (boundary === undefined) return undefined;
  const { saved, frameBytes } = code.locations;
  const slot = saved.find(({ register: kept }) => kept === view.link);
  const link = slot === undefined ? linked : wordAt(target, sp + slot.offset);
  return link === undefined ? undefined : { pc: (link & ~1) >>> 0, sp: sp + frameBytes + code.argumentBytes };
}

function callerOf(target: DebugTarget, view: CodeView, frame: Frame): Frame | undefined {
  const place = frame.code?.interpreted === true ? view.interpreter?.callerOf({ code: frame.code, sp: frame.sp }) : generatedReturn(target, view, frame);
  return place === undefined ? undefined : frameAt(view, place, frame.code?.resultTypes.length ?? 0);
}

function generatedReturn(target: DebugTarget, view: CodeView, frame: Frame): ReturnPlace | undefined {
  if (frame.code === undefined) return view.returnPlace?.(frame);
  const back = returnOf(target, view, frame);
  if (back === undefined) return undefined;
  const inPrologue = frame.pc === frame.code.begin;
  const saved = new Map(inPrologue ? [] : frame.code.locations.saved.map(({ register, offset }) => [register, frame.sp + offset]));
  const register = (number: number): number | undefined => {
    if (!view.keptRegisters.includes(number)) return undefined;
    const address = saved.get(number);
    return address === undefined ? frame.register(number) : wordAt(target, address);
  };
  return { ...back, register };
}

/** The activation that goes on there, when the call has given its results. */
function frameAt(view: CodeView, place: InterpretedFrame | ReturnPlace, results: number): Frame | undefined {
  if ('code' in place) return frameOf(place, nothing, false);
  const { pc, sp, register } = place;
  if (pc === view.exit) return undefined;
  const code = view.at(pc);
  if (code === undefined) {
    // Of firmware nothing is known but where it goes on.
    if (view.returnPlace !== undefined) return { pc, code, boundary: undefined, values: undefined, exact: false, sp, register };
    const behind = view.interpreter?.frameBehind(place);
    return behind === undefined ? undefined : frameAt(view, behind, results);
  }
  // The call's own boundary: the one behind it may hold at the return address already.
  const boundary = boundaryBefore(code, pc - 1);
  const kept = Math.max(0, (boundaryFrom(code, pc)?.operands.length ?? 0) - results);
  return { pc, code, boundary, values: boundariesAt(code, pc)[0] ?? boundary, kept, exact: false, sp, register };
}

/** A word of memory; undefined where there is none. */
export function wordAt(target: DebugTarget, address: number): number | undefined {
  const bytes = target.peek(address, 4);
  return bytes === undefined ? undefined : new DataView(bytes.buffer, bytes.byteOffset).getInt32(0, true);
}
