import type { Session } from '../session/session.js';
import { codeOfFrame } from '../view/code.js';
import type { CodeRow } from '../view/code-rows.js';
import type { DisassembledRow } from '../view/disassembly.js';
import type { Arguments } from './arguments.js';

/** Rows in front of and behind those where it stands, where the client names no number. */
const rowsAround = 20;
/** Most of them. */
const mostAround = 10_000;

/** Answer to `fireball/templates`: the three columns around where an activation stands. Plain data; numbers of rows count from the function's first. */
interface Templates {
  /** The activation whose code this is: a routine's caller. */
  readonly frame: number;
  readonly pc: string;
  /** Absent where no function of the module is active. */
  readonly function?: { readonly index: number; readonly name: string; readonly interpreted: boolean; readonly rows: number };
  /** Number of the first of `rows`. */
  readonly first: number;
  readonly rows: readonly CodeRow[];
  /** Rows of what comes next: of the WebAssembly instruction, and of the machine instruction. `exact`: it stands in front of the former, not inside of it. */
  readonly here: { readonly wasm?: number; readonly machine?: number; readonly exact: boolean };
  /** Where pc is not among the function's rows: in ROM, in firmware. */
  readonly disassembly?: readonly DisassembledRow[];
}

/** What `fireball/templates` answers: `frameId`, innermost where absent, and how many rows `around`. */
export async function templatesOf(session: Session, args: Arguments): Promise<Templates> {
  const around = Math.min(Math.max(0, args.whole('around', rowsAround)), mostAround);
  const code = await codeOfFrame(session, args.whole('frameId', 0), around);
  const all = code.function?.rows ?? [];
  const { wasm, machine, exact } = code.marks;
  const marked = [wasm, machine].filter((row) => row !== undefined);
  const first = marked.length === 0 ? 0 : Math.max(0, Math.min(...marked) - around);
  const end = marked.length === 0 ? 2 * around : Math.max(...marked) + around + 1;
  return {
    frame: code.frame,
    pc: `0x${code.pc.toString(16)}`,
    ...(code.function === undefined
      ? {}
      : { function: { index: code.function.index, name: code.function.name, interpreted: code.function.interpreted, rows: all.length } }),
    first,
    rows: all.slice(first, end),
    here: { ...(wasm === undefined ? {} : { wasm }), ...(machine === undefined ? {} : { machine }), exact },
    ...(code.disassembly === undefined ? {} : { disassembly: code.disassembly }),
  };
}
