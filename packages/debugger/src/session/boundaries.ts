import type { Boundary, DebugFunction } from '@fireball/contracts';

/** Where a function's code has boundaries between WebAssembly instructions, and templates begin. */
interface FunctionMarks {
  /** Boundaries that hold at an address, in the order of the instructions. */
  readonly boundaries: ReadonlyMap<number, readonly Boundary[]>;
  /** Addresses of boundaries, ascending. */
  readonly addresses: readonly number[];
  /** Placed templates by where they begin. */
  readonly sites: ReadonlyMap<number, DebugFunction['sites'][number]>;
  /** Instructions by their offsets. */
  readonly texts: ReadonlyMap<number, string>;
}

const known = new WeakMap<DebugFunction, FunctionMarks>();

export function marksOf(code: DebugFunction): FunctionMarks {
  let marks = known.get(code);
  if (marks === undefined) {
    const boundaries = new Map<number, Boundary[]>();
    for (const boundary of code.locations.boundaries) {
      const address = code.begin + boundary.codeOffset;
      const same = boundaries.get(address);
      if (same === undefined) boundaries.set(address, [boundary]);
      else same.push(boundary);
    }
    const addresses = [...boundaries.keys()].sort((a, b) => a - b);
    marks = {
      boundaries,
      addresses,
      sites: new Map(code.sites.map((site) => [site.address, site])),
      texts: new Map(code.wasm.map(({ offset, text }) => [offset, text])),
    };
    known.set(code, marks);
  }
  return marks;
}

/** Boundaries that hold in front of the instruction at `address`; none inside of templates. */
export function boundariesAt(code: DebugFunction | undefined, address: number): readonly Boundary[] {
  return code === undefined ? [] : (marksOf(code).boundaries.get(address) ?? []);
}

/** Of `boundariesAt`, the one at a place in their order; the last one where there are fewer. */
export function boundaryAt(code: DebugFunction, address: number, order: number): Boundary | undefined {
  const all = boundariesAt(code, address);
  return all[Math.min(order, all.length - 1)];
}

/** Which of `boundariesAt` is in front of an instruction of the module; the first one where none is. */
export function orderOf(code: DebugFunction | undefined, address: number, wasmOffset: number | null): number {
  return Math.max(
    0,
    boundariesAt(code, address).findIndex((boundary) => boundary.wasmOffset === wasmOffset),
  );
}

/** The last boundary in front of an address inside of a template; undefined in the code that sets up the frame. */
export function boundaryBefore(code: DebugFunction, address: number): Boundary | undefined {
  const { addresses } = marksOf(code);
  const before = addresses.findLast((candidate) => candidate <= address);
  return before === undefined ? undefined : boundariesAt(code, before).at(-1);
}

/** The first boundary at or behind an address. */
export function boundaryFrom(code: DebugFunction, address: number): Boundary | undefined {
  const from = marksOf(code).addresses.find((candidate) => candidate >= address);
  return from === undefined ? undefined : boundariesAt(code, from)[0];
}

/** The instruction at an offset, as the text format has it. */
export function textAt(code: DebugFunction, wasmOffset: number): string {
  return marksOf(code).texts.get(wasmOffset) ?? '';
}

/** The placed template that an address lies in. */
export function siteAt(code: DebugFunction, address: number): DebugFunction['sites'][number] | undefined {
  let [low, high] = [0, code.sites.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (code.sites[middle]!.address <= address) low = middle + 1;
    else high = middle;
  }
  return code.sites[low - 1];
}
