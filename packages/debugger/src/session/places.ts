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

/** Every placed template of a kind, or where every wasm instruction of a kind begins: `umull`, `i32.load`. @throws UsageError where there is none */
export function placesOfKind({ functions }: CodeView, kind: string): CodePlace[] {
  const places = functions.flatMap((code) =>
    sitesOf(code, kind).map(({ address, wasmOffset }) => ({
      address,
      order: Math.max(
        0,
        boundariesAt(code, address).findIndex((boundary) => boundary.wasmOffset === wasmOffset),
      ),
    })),
  );
  if (places.length === 0) throw unknownName('template or instruction', kind, [...kindsOf(functions)]);
  return places;
}

/** The stubs of a kind of trap, or of all. A trap of a routine in ROM has none: it ends the call. @throws UsageError where no code has one */
export async function placesOfTrap({ functions }: CodeView, kind: string | undefined): Promise<CodePlace[]> {
  const places: CodePlace[] = [];
  const kinds = new Set<string>();
  for (const code of functions) {
    for (const { address, trap } of await code.listing()) {
      if (trap === null) continue;
      kinds.add(trap);
      if (kind === undefined || trap === kind) places.push({ address, order: 0 });
    }
  }
  if (places.length > 0) return places;
  if (kind === undefined) throw new UsageError('no code has a trap');
  throw unknownName('trap of this code', kind, [...kinds]);
}
