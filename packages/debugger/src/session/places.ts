import { UsageError, unknownName, type CodeView, type DebugFunction } from '@fireball/contracts';
import { boundariesAt } from './boundaries.js';
import type { CodePlace } from './breakpoints.js';
import { kindsOf, sitesOf } from './templates.js';

/** Where the function's frame is set up and its first instruction comes next. */
export function placeOfFunction(code: DebugFunction): CodePlace {
  const first = code.locations.boundaries[0];
  return { address: code.begin + (first?.codeOffset ?? 0), order: 0 };
}

/** In front of the instruction at an offset in the module. @throws UsageError where there is none, or it has no code of its own */
export function placeOfOffset({ functions }: CodeView, offset: number): CodePlace {
  const code = functions.find(({ wasm }) => wasm.length > 0 && offset >= wasm[0]!.offset && offset <= wasm.at(-1)!.offset);
  if (code === undefined) throw new UsageError(`no compiled function has an instruction at offset 0x${offset.toString(16)}`);
  if (!code.wasm.some((instruction) => instruction.offset === offset))
    throw new UsageError(`0x${offset.toString(16)} is inside of an instruction of ${code.name}`);
  const found = code.locations.boundaries.find(({ wasmOffset }) => wasmOffset === offset);
  if (found === undefined) throw new UsageError(`the instruction at 0x${offset.toString(16)} became one with the one before it, or cannot be reached`);
  const address = code.begin + found.codeOffset;
  return { address, order: boundariesAt(code, address).indexOf(found) };
}

/** Places that come and go with code. */
interface FoundPlaces {
  readonly find: () => CodePlace[];
}

/**
 * Every placed template of a kind, or where every wasm instruction of a kind begins: `umull`, `i32.load`.
 * @throws UsageError where there is none, and none can come: code that is compiled later may have it
 */
export function placesOfKind(view: CodeView, kind: string): FoundPlaces {
  const find = (): CodePlace[] =>
    view.functions.flatMap((code) =>
      sitesOf(code, kind).map(({ address, wasmOffset }) => ({
        address,
        order: Math.max(
          0,
          boundariesAt(code, address).findIndex((boundary) => boundary.wasmOffset === wasmOffset),
        ),
      })),
    );
  const mayCome = view.interpreter !== undefined && view.templates.includes(kind);
  if (!mayCome && find().length === 0) throw unknownName('template or instruction', kind, [...kindsOf(view.functions)]);
  return { find };
}

/**
 * The stubs of a kind of trap, or of all. A trap of a routine in ROM, or of the interpreter, has none: it ends the call.
 * @throws UsageError for a kind that there is not
 */
export function placesOfTrap(view: CodeView, kind: string | undefined): FoundPlaces {
  if (view.traps.length === 0) throw new UsageError('no code of a module is here, and so no trap: break irq stops at exceptions of the machine');
  if (kind !== undefined && !view.traps.includes(kind)) throw unknownName('trap', kind, view.traps);
  return {
    find: () =>
      view.functions.flatMap(({ traps }) => traps.filter((trap) => kind === undefined || trap.kind === kind).map(({ address }) => ({ address, order: 0 }))),
  };
}
