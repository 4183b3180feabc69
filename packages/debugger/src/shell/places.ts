import { unknownName, UsageError, type DebugFunction, type TargetException, type WatchKind } from '@fireball/contracts';
import type { BreakpointOptions, CodePlace } from '../session/breakpoints.js';
import { findFunctions, functionsNamed } from '../session/function-names.js';
import { placeOfOffset, placesOfKind, placesOfTrap } from '../session/places.js';
import type { Session } from '../session/session.js';
import { placeInFunction, placesOfInlined, stopAtLine } from '../sources/source-stops.js';
import type { Scope } from './scope.js';

/** What `break` is told to stop at: places in code, or events that have none. */
export interface NamedStop extends Pick<BreakpointOptions, 'find' | 'exception' | 'trap' | 'watched'> {
  readonly places: readonly CodePlace[];
  /** Of a source line, or a function that is inlined: its name, and what it has to do with what was asked for, where that is another one. */
  readonly line?: { readonly text: string; readonly moved: string };
}

/** `FILE:LINE`, or a line alone of the file `current`; undefined: something else. */
export function lineNamed(where: string, current: string | undefined): { readonly file: string; readonly line: number } | undefined {
  const [, file, line] = /^(?:(.+):)?([1-9]\d{0,7})$/.exec(where) ?? [];
  const name = file ?? current;
  return line === undefined || name === undefined ? undefined : { file: name, line: Number(line) };
}

/** @throws UsageError where there is nothing of the name */
export function stopNamed(where: string, session: Session, scope: Scope): NamedStop {
  const { view } = session;
  const [, word = '', rest = ''] = /^(\S*)\s*(.*)$/s.exec(where) ?? [];
  const isFunction = findFunctions(where, view.functions).length > 0 || view.addressOf?.(where) !== undefined;
  switch (isFunction ? '' : word) {
    case 'kind': {
      if (rest === '') throw new UsageError('the name of a template or of a wasm instruction is wanted, such as kind i32.load');
      const { find } = placesOfKind(view, rest);
      return { places: find(), find };
    }
    case 'trap': {
      const { find } = placesOfTrap(view, rest === '' ? undefined : rest);
      return { places: find(), find, trap: (kind) => rest === '' || kind === rest };
    }
    case 'irq':
      return { places: [], exception: exceptionNamed(rest, session) };
    case 'device':
      return { places: [], watched: deviceAccess(rest, session, scope) };
    default: {
      const { sources } = session;
      const isEmpty = (sources.index?.files.length ?? 0) === 0;
      const line = isFunction || (view.functions.length === 0 && isEmpty) ? undefined : lineNamed(where, sources.currentFile(session.inspect()[scope.frame]));
      if (line === undefined && /^[1-9]\d*$/.test(where) && !isEmpty)
        throw new UsageError(
          `the file of line ${where} is wanted, such as main.c:${where}; offsets in the module are hexadecimal here, 0x${Number(where).toString(16)}`,
        );
      if (line === undefined) {
        const inlined = isFunction ? [] : placesOfInlined(session, where);
        return inlined.length > 0 ? { places: inlined, line: { text: where, moved: ', which is inlined' } } : { places: placesNamed(where, session, scope) };
      }
      const stop = stopAtLine(session, line.file, line.line);
      return { places: stop.places, line: { text: stop.where, moved: stop.moved } };
    }
  }
}

/** `irq`, `irq 5`, `irq systick`. */
function exceptionNamed(text: string, { target: { exceptions } }: Session): (exception: TargetException) => boolean {
  if (exceptions === undefined) throw new UsageError('nothing interrupts this: break irq is for firmware on a --board');
  if (text === '') return () => true;
  if (/^\d{1,4}$/.test(text)) return ({ interrupt }) => interrupt === Number(text);
  const wanted = text.toLowerCase();
  const named = exceptions.names.filter((name) => name.toLowerCase().includes(wanted));
  if (named.length === 0) throw unknownName('exception', text, exceptions.names);
  return ({ name }) => named.includes(name);
}

/** `uart0.DATA write`, `0x40002000 read`. */
function deviceAccess(text: string, { target }: Session, scope: Scope): { readonly address: number; readonly size: number; readonly kind: WatchKind } {
  const [, name = '', kind = 'access'] = /^(.*?)(?:\s+(read|write|access))?$/s.exec(text) ?? [];
  const registers = target.deviceRegisters?.() ?? [];
  if (name === '') throw new UsageError('a register of a device or an address is wanted, such as device uart0.DATA write (info devices)');
  const found = registers.find((register) => register.name.toLowerCase() === name.toLowerCase());
  if (found !== undefined) return { address: found.address, size: found.size, kind: kind as WatchKind };
  const whole = target.memoryMap().find((region) => region.kind === 'device' && region.name.toLowerCase() === name.toLowerCase());
  if (whole !== undefined) return { address: whole.base, size: whole.size, kind: kind as WatchKind };
  if (/^[a-z_]\w*(\.\w*)?$/i.test(name) && !/^0x/i.test(name))
    throw unknownName(
      'device register',
      name,
      registers.map((register) => register.name),
    );
  const address = scope.address(name);
  const inside = registers.find((register) => address >= register.address && address < register.address + register.size);
  return { address, size: inside === undefined ? 4 : inside.address + inside.size - address, kind: kind as WatchKind };
}

function placesNamed(where: string, session: Session, scope: Scope): readonly CodePlace[] {
  const { view } = session;
  if (where === '') throw new UsageError('a function, an offset in the module or *ADDRESS is wanted');
  if (where.startsWith('*')) return [{ address: scope.address(where.slice(1)), order: 0 }];
  const { functions } = view;
  if (/^(0x[\da-f]+|\d+)$/i.test(where)) {
    if (functions.length === 0) throw new UsageError(`offsets are those of a module: firmware has addresses, break *${where}`);
    return [placeOfOffset(view, Number(where))];
  }
  const symbol = findFunctions(where, functions).length > 0 ? undefined : view.addressOf?.(where);
  if (symbol !== undefined) return [{ address: symbol, order: 0 }];
  // Of a function that has become native, too, the interpreted one comes first: its places are those of both.
  const byIndex = new Map<number, DebugFunction>();
  for (const code of functionsNamed(where, functions)) if (!byIndex.has(code.index)) byIndex.set(code.index, code);
  return [...byIndex.values()].map((code) => placeInFunction(session, code));
}
