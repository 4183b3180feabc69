import { hexDigits, printable, type DebugRegion } from '@fireball/contracts';
import {
  codeOfFrame,
  formatWords,
  sourceVariables,
  sourceView,
  Values,
  type CodeOfFrame,
  type Debuggee,
  type Device,
  type Frame,
  type Session,
  type SourceVariable,
  type SourceView,
  type Variable,
} from '@fireball/debugger';
import { devicesShown, type DeviceItem } from './devices.js';

/** A register of the CPU. */
export interface RegisterItem {
  readonly name: string;
  /** Hexadecimal, in all of its bits. */
  readonly text: string;
  readonly changed: boolean;
}

/** A local, an operand or a global. */
export interface ValueItem {
  /** As expressions name it: `l0`, `o1`, `g2`. */
  readonly name: string;
  readonly type: string;
  readonly text: string;
  readonly place: string;
  /** Nothing holds it any more. */
  readonly gone: boolean;
  /** Nor is it known what it was. */
  readonly lost: boolean;
  readonly changed: boolean;
}

/** A variable of C or Rust, or a part of one. */
export interface VariableItem extends SourceVariable {
  readonly changed: boolean;
}

/** Sixteen bytes of memory. */
export interface MemoryRow {
  readonly address: number;
  /** `@` and its offset in linear memory, or the address. */
  readonly label: string;
  /** Undefined where there is no memory. */
  readonly bytes: readonly number[] | undefined;
  /** Of the bytes, those that have changed. */
  readonly changed: readonly number[];
}

/** What the panes show of a session that stands still. Plain data. */
export interface ScreenModel {
  /** Changes with every step. */
  readonly position: string;
  readonly code: CodeOfFrame;
  /** Longest instruction word, in hexadecimal digits in one piece: 4 where words consist of half-words. */
  readonly wordDigits: 4 | 8;
  /** Innermost first. */
  readonly frames: readonly string[];
  readonly registers: readonly RegisterItem[];
  /** Why there are none, or of when they are. */
  readonly note: string;
  readonly locals: readonly ValueItem[];
  readonly operands: readonly ValueItem[];
  readonly globals: readonly ValueItem[];
  /** Of C or Rust; undefined where nothing says of any. */
  readonly variables: readonly VariableItem[] | undefined;
  readonly memory: readonly MemoryRow[];
  readonly breakpoints: readonly { readonly id: string; readonly text: string }[];
  /** The file of C or Rust that the activation is in, whole; undefined where nothing says so. */
  readonly source: SourceView | undefined;
  readonly devices: readonly DeviceItem[];
  /** In executed instructions. */
  readonly timeline: { readonly begin: number; readonly now: number; readonly end: number };
}

/** What the user has chosen to see. */
interface Wanted {
  /** Number in the backtrace. */
  readonly frame: number;
  /** First address of the memory pane. */
  readonly memory: number;
  /** Rows of sixteen bytes. */
  readonly memoryRows: number;
  /** All that there are, and the names of those whose registers are shown. */
  readonly devices: readonly Device[];
  readonly openDevices: ReadonlySet<string>;
  /** Paths of the variables of C or Rust whose insides are shown. */
  readonly openVariables: ReadonlySet<string>;
}

/** Machine instructions around pc that are listed outside of generated code. */
const around = 60;
const bytesOfRow = 16;
/** Longer backtraces are cut. */
const mostFrames = 200;

/** Looks at a session. What differs from `before`, the last position that was looked at, is marked. */
export async function collect({ session, shell }: Debuggee, wanted: Wanted, before: ScreenModel | undefined): Promise<ScreenModel> {
  const { target, view, history, order } = session;
  const code = await codeOfFrame(session, wanted.frame, around);
  const position = `${target.instructions} ${target.pc} ${order} ${wanted.frame}`;
  const isNew = before !== undefined && before.position !== position;
  const frames = (await shell.execute('bt')).split('\n').slice(0, mostFrames);
  const frame = session.inspect()[code.frame];
  const values = new Values(target, view);
  const has = frame?.code !== undefined && (frame.boundary !== undefined || frame.entry === true);
  const isSame = before?.code.function?.index === code.function?.index && before?.code.frame === code.frame;
  const items = (all: readonly Variable[], letter: string, old: readonly ValueItem[] = []): ValueItem[] =>
    all.map((variable, index) => itemOf(variable, `${letter}${index}`, isSame ? old[index] : undefined, isNew));
  return {
    position,
    code,
    wordDigits: target.architecture === 'thumb2' ? 4 : 8,
    frames,
    registers: registersOf(session, before, isNew),
    note: noteOf(frame),
    locals: has ? items(values.locals(frame), 'l', before?.locals) : [],
    operands: has ? items(values.operands(frame), 'o', before?.operands) : [],
    globals: items(values.globals(), 'g', before?.globals),
    variables: sourceVariables(session, code.frame, wanted.openVariables)?.map(variableItem(isSame ? before.variables : undefined, isNew)),
    memory: memoryOf(session, wanted, before, isNew),
    breakpoints: (await shell.execute('info breakpoints'))
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => ({ id: line.split(' ')[0] ?? '', text: printable(line.replace(/^\S+\s+/, '')) })),
    source: sourceView(session, wanted.frame, Infinity),
    devices: devicesShown(session, wanted.devices, wanted.openDevices, before?.devices ?? [], isNew),
    timeline: { begin: history.begin, now: target.instructions, end: Math.max(history.end, target.instructions) },
  };
}

function noteOf(frame: Frame | undefined): string {
  if (frame?.code === undefined) return 'no function of the module is active';
  if (frame.boundary === undefined && frame.entry !== true) return 'its frame is being set up';
  if (frame.exact) return '';
  return frame.boundary === undefined ? 'as it is called' : `as of ${frame.boundary.wasmOffset.toString(16).padStart(6, '0')}`;
}

function registersOf({ target }: Session, before: ScreenModel | undefined, isNew: boolean): RegisterItem[] {
  const old = new Map(before?.registers.map((register) => [register.name, register]));
  return target.registers
    .filter(({ group }) => group === 'general')
    .map(({ name, bits }) => {
      const text = target
        .readRegister(name)
        .toString(16)
        .padStart(bits / 4, '0');
      const was = old.get(name);
      return { name, text, changed: was !== undefined && (isNew ? was.text !== text : was.changed) };
    });
}

function itemOf({ type, words, place, dead, was }: Variable, name: string, old: ValueItem | undefined, isNew: boolean): ValueItem {
  const gone = was !== undefined ? `gone, was ${formatWords(type, was)}` : place === 'not there yet' ? place : dead ? 'gone: not read any more' : 'gone';
  const text = words === undefined ? gone : formatWords(type, words);
  const changed = old !== undefined && words !== undefined && (isNew ? old.text !== text : old.changed);
  return {
    name,
    type: type ?? '',
    text,
    place: words === undefined ? '' : place,
    gone: words === undefined,
    lost: words === undefined && was === undefined,
    changed,
  };
}

function variableItem(before: readonly VariableItem[] = [], isNew: boolean): (variable: SourceVariable) => VariableItem {
  const old = new Map(before.map((variable) => [variable.path, variable]));
  return (variable) => {
    const was = old.get(variable.path);
    return { ...variable, changed: was !== undefined && (isNew ? was.value !== variable.value : was.changed) };
  };
}

function memoryOf({ target, view }: Session, { memory, memoryRows }: Wanted, before: ScreenModel | undefined, isNew: boolean): MemoryRow[] {
  const [base] = view.memories;
  const linear = base === undefined ? undefined : regionAt(target.memoryMap(), base);
  const old = new Map(before?.memory.map((row) => [row.address, row]));
  return Array.from({ length: memoryRows }, (_, index) => {
    const address = memory + index * bytesOfRow;
    const bytes = address < 0 || address > 0xffff_ffff ? undefined : target.peek(address, bytesOfRow);
    const was = old.get(address);
    const isLinear = base !== undefined && linear !== undefined && address >= base && address < linear.base + linear.size;
    const label = isLinear ? `@${hexDigits(address - base, 7)}` : hexDigits(address, 8);
    if (bytes === undefined) return { address, label, bytes: undefined, changed: [] };
    const changed = !isNew ? (was?.changed ?? []) : was?.bytes === undefined ? [] : [...bytes.keys()].filter((at) => bytes[at] !== was.bytes![at]);
    return { address, label, bytes: [...bytes], changed };
  });
}

/** Where the memory pane begins: at linear memory, or at the first RAM. */
export function firstMemory({ target, view }: Session): number {
  return view.memories[0] ?? target.memoryMap().find(({ kind }) => kind === 'ram')?.base ?? 0;
}

function regionAt(map: readonly DebugRegion[], address: number): DebugRegion | undefined {
  return map.find(({ base, size }) => address >= base && address < base + size);
}
