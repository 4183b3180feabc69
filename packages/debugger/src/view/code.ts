import type { Frame } from '../session/frames.js';
import type { Session } from '../session/session.js';
import { marksOf, type CodeMarks } from './code-marks.js';
import { rowsOf, type FunctionRows } from './code-rows.js';
import { disassemblyAround, type DisassembledRow } from './disassembly.js';

/** What the columns of code show of one activation. Plain data (JSON). */
export interface CodeOfFrame {
  /** Number of the activation whose columns these are, innermost first: a routine in ROM has none, and its caller's are shown. */
  readonly frame: number;
  /** Undefined where no function of the module is active: in firmware, at the host. */
  readonly function: FunctionRows | undefined;
  readonly marks: CodeMarks;
  /** Around the machine instruction that comes next, where it is not among the function's rows: in ROM, in handlers of the interpreter, in firmware. */
  readonly disassembly: readonly DisassembledRow[] | undefined;
  /** Where that is. */
  readonly pc: number;
}

const noMarks: CodeMarks = { wasm: undefined, exact: false, machine: undefined, breakpoints: [] };

/**
 * The columns for an activation; of a session that stands still.
 * @param index which of `session.inspect()`
 * @param around instructions of the disassembly in front of pc, and behind it
 */
export async function codeOfFrame(session: Session, index: number, around: number): Promise<CodeOfFrame> {
  const { target, view, breakpoints } = session;
  const frames = session.inspect();
  const number = shownFrame(frames, index);
  const frame = frames[number];
  const { pc } = target;
  const rows = frame?.code === undefined ? undefined : await rowsOf(frame.code, target);
  const marks = frame === undefined || rows === undefined ? noMarks : marksOf(rows, frame, number === 0, breakpoints.all);
  const isListed = number > 0 && number === index ? true : rows?.rows.some(({ machine }) => machine?.address === pc) === true;
  const disassembly = isListed ? undefined : await disassemblyAround(target, view, pc, around, around);
  return { frame: number, function: rows, marks, disassembly, pc };
}

function shownFrame(frames: readonly Frame[], index: number): number {
  const found = frames.findIndex(({ code }, candidate) => candidate >= index && code !== undefined);
  return found < 0 ? index : found;
}
