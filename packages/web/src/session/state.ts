import { printable } from '@fireball/contracts';
import {
  codeOfFrame,
  formatWords,
  Values,
  type CodeMarks,
  type DisassembledRow,
  type Frame,
  type PartingPoint,
  type Session,
  type Shell,
  type Variable,
  nameOfFrame,
} from '@fireball/debugger';
import type { FunctionKeys } from './function-keys.js';

/** A value of the module, for people. */
interface ShownValue {
  readonly name: string;
  readonly type: string | undefined;
  /** Undefined where nothing holds it: `gone` says why. */
  readonly value: string | undefined;
  readonly gone: string | undefined;
  readonly place: string;
}

interface ShownFrame {
  readonly name: string;
  readonly pc: number;
  /** In the module; undefined where it is no function of it, or its frame is being set up. */
  readonly offset: number | undefined;
  readonly text: string;
  readonly interpreted: boolean;
}

/** Everything that a page shows of a session that stands still, but rows of code and memory. Plain data (JSON). */
export interface SessionState {
  readonly event: 'state';
  readonly count: number;
  /** Which of the boundaries at pc. */
  readonly order: number;
  /** The machine instruction that comes next. */
  readonly pc: number;
  /** Where history begins, and the latest position that there has been. */
  readonly begin: number;
  readonly furthest: number;
  readonly frames: readonly ShownFrame[];
  /** The activation whose code and values these are. */
  readonly frame: number;
  /** Key of the function for `rows`, and how many there are; undefined where no function of the module is active. */
  readonly function: { readonly key: number; readonly name: string; readonly total: number; readonly interpreted: boolean } | undefined;
  /** Where it parts from the reference, as far as somebody knows. */
  readonly parting: PartingPoint | null;
  readonly marks: CodeMarks;
  readonly disassembly: readonly DisassembledRow[] | undefined;
  readonly locals: readonly ShownValue[];
  /** So many locals more that nothing holds, where variables of C or Rust say more. */
  readonly lost?: number;
  readonly operands: readonly ShownValue[];
  readonly globals: readonly ShownValue[];
  /** What the values are of, where that is not here. */
  readonly note: string | undefined;
  /** Name, digits, group. */
  readonly registers: readonly (readonly [string, string, string])[];
  readonly breakpoints: readonly { readonly id: number; readonly where: string; readonly hits: number; readonly address: number; readonly places: number }[];
  /** As the shell lists them. */
  readonly watches: readonly { readonly id: string; readonly text: string }[];
}

/** Instructions of a disassembly in front of pc and behind it. */
const disassembled = 60;

/** Of the activation that is selected in the shell. */
export async function stateOf(session: Session, shell: Shell, keys: FunctionKeys): Promise<SessionState> {
  const { target, view, history, breakpoints } = session;
  const frames = session.inspect();
  const {
    frame: number,
    function: rows,
    marks,
    disassembly,
  } = await codeOfFrame(session, Math.min(shell.scope.frame, Math.max(0, frames.length - 1)), disassembled);
  const frame = frames[number];
  const values = new Values(target, view);
  const locals = frame === undefined ? [] : values.locals(frame);
  const held = session.sources.variables === undefined ? locals : locals.filter(({ words, was }) => words !== undefined || was !== undefined);
  return {
    event: 'state',
    count: target.instructions,
    order: session.order,
    pc: target.pc,
    begin: history.begin,
    furthest: Math.max(history.end, target.instructions),
    frames: frames.map((each) => shownFrame(session, each)),
    frame: number,
    parting: session.parting ?? null,
    function:
      rows === undefined || frame?.code === undefined
        ? undefined
        : { key: keys.keyOf(frame.code), name: printable(rows.name), total: rows.rows.length, interpreted: rows.interpreted },
    marks,
    disassembly,
    locals: held.map(shown),
    ...(held.length === locals.length ? {} : { lost: locals.length - held.length }),
    operands: frame === undefined ? [] : values.operands(frame).map(shown),
    globals: values.globals().map(shown),
    note:
      frame === undefined || frame.exact || frame.boundary === undefined || number > 0
        ? undefined
        : `as of ${frame.boundary.wasmOffset.toString(16).padStart(6, '0')}`,
    registers: target.registers.map(({ name, bits, group }) => [
      name,
      target
        .readRegister(name)
        .toString(16)
        .padStart(bits / 4, '0'),
      group,
    ]),
    breakpoints: breakpoints.all.map(({ id, where, hits, places }) => ({
      id,
      where: printable(where),
      hits,
      address: places[0]?.address ?? 0,
      places: places.length,
    })),
    watches: await watchesOf(shell),
  };
}

function shownFrame({ view }: Session, { pc, code, boundary, level }: Frame): ShownFrame {
  if (code === undefined) return { name: view.routineAt(pc) ?? 'no generated code', pc, offset: undefined, text: '', interpreted: false };
  const offset = boundary?.wasmOffset;
  const text = offset === undefined ? 'setting up its frame' : (code.wasm.find((entry) => entry.offset === offset)?.text ?? '');
  return { name: nameOfFrame(code, level), pc, offset, text, interpreted: code.interpreted };
}

function shown({ name, type, words, place, dead, was }: Variable): ShownValue {
  const gone =
    words !== undefined
      ? undefined
      : was !== undefined
        ? `was ${formatWords(type, was)}`
        : place === 'not there yet'
          ? place
          : dead
            ? 'gone: nothing reads it any more'
            : 'gone';
  return { name, type, value: words === undefined ? undefined : formatWords(type, words), gone, place };
}

/** Watchpoints are the shell's own. */
async function watchesOf(shell: Shell): Promise<SessionState['watches']> {
  const listed = await shell.execute('info breakpoints');
  return listed.split('\n').flatMap((line) => {
    const [, id, text] = /^(w\d+) {2}(.*)$/.exec(line) ?? [];
    return id === undefined || text === undefined ? [] : [{ id, text }];
  });
}
