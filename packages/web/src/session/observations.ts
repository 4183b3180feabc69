import { printable, type DebugTarget, type PinTrace } from '@fireball/contracts';
import { devicesOf, sourceView, valueOfField, valueOfRegister, type NamedRegister, type Session } from '@fireball/debugger';

/** What there is to look at besides code and values: which panes a page has. */
interface Panes {
  readonly codeMemory: boolean;
  readonly meters: boolean;
  readonly devices: boolean;
  readonly pins: boolean;
  /** Lines of C or Rust. */
  readonly source: boolean;
  /** Its variables. */
  readonly variables: boolean;
}

/** Of a target. Pins begin to be recorded when a page asks for them. */
export function panesOf({ target, sources }: Session): Panes {
  return {
    codeMemory: target.codeMemory !== undefined,
    meters: target.meters?.() !== undefined,
    devices: devicesOf(target).length > 0,
    pins: target.pins !== undefined,
    source: (sources.index?.files.length ?? 0) > 0,
    variables: sources.variables !== undefined,
  };
}

/** Letters of block states. */
const letters = { free: 'f', writable: 'w', sealed: 's' } as const;

/** Code memory with the functions in it. A letter for each block: f, w or s. */
export function codeMemoryOf({ target, view }: Session): object {
  const state = target.codeMemory?.();
  if (state === undefined) return { blocks: '', functions: [] };
  const { base, blockBytes, lineBytes, blocks } = state;
  return {
    base,
    blockBytes,
    lineBytes,
    blocks: blocks.map((block) => letters[block.state]).join(''),
    dirty: blocks.flatMap(({ isDirty }, index) => (isDirty ? [index] : [])),
    stale: blocks.flatMap(({ staleLines }) => staleLines),
    functions: view.functions.filter(({ interpreted }) => !interpreted).map(({ name, begin, end }) => ({ name: printable(name), begin, end })),
  };
}

/** Samples of the compile queue and the code cache. */
export function metersOf({ target }: Session): object {
  return target.meters?.() ?? { meters: [], samples: [] };
}

/** Lines on either side of the one that is shown. */
const aroundLine = 400;

/** The source file of an activation around its line. A file that is named nowhere else cannot be asked for. */
export function sourceShown(session: Session, frame: number): object {
  const shown = sourceView(session, frame, aroundLine);
  if (shown === undefined) return {};
  const { file, lines, ...view } = shown;
  return { ...view, file: printable(file), lines: lines?.map((line) => printable(line)) ?? null };
}

/** Every device, with its registers where it is the one that is asked for. */
export function devicesWith({ target }: Session, name: string): object {
  const devices = devicesOf(target);
  const chosen = devices.find((device) => device.name === name);
  return {
    devices: devices.map((device) => ({ name: device.name, base: device.base, registers: device.registers.length })),
    registers: (chosen?.registers ?? []).map((register) => shownRegister(target, register)),
  };
}

/** Hexadecimal digits, null where a read would have an effect or there is nothing to read; and what its fields have of it. */
function shownRegister(target: DebugTarget, register: NamedRegister): object {
  const { ownName, address, size } = register;
  const value = valueOfRegister(target, register);
  const fields = value === undefined ? [] : (target.deviceFields?.(register) ?? []).map((field) => [field.name, Number(valueOfField(value, field))]);
  return { name: printable(ownName), address, value: value?.toString(16).padStart(2 * size, '0') ?? null, fields };
}

/** Changes of one pin that a page is sent: the last ones. */
const mostChanges = 1000;
/** Pins that a page is sent: those that change first. */
const mostPins = 64;

/** Pins over time: those that have changed, then those that are high. */
export function pinsOf({ target }: Session): object {
  const traces = target.pins?.();
  if (traces === undefined) return { seconds: 0, pins: [], quiet: 0 };
  const { seconds, pins } = traces;
  const rank = ({ changes }: PinTrace): number => (changes.length > 1 ? 0 : changes[0]?.level === true ? 1 : 2);
  const shown = pins.filter((pin) => rank(pin) < 2).sort((a, b) => rank(a) - rank(b));
  return {
    seconds,
    quiet: pins.length - Math.min(shown.length, mostPins),
    pins: shown.slice(0, mostPins).map(({ name, changes }) => ({
      name: printable(name),
      // Without how it was at first.
      total: changes.length - 1,
      changes: changes.slice(-mostChanges).map(({ count, seconds: at, level }) => [at, level ? 1 : 0, count]),
    })),
  };
}
