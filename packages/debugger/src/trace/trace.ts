import type { CodeView, DebugFunction, DebugTarget, TargetStop } from '@fireball/contracts';
import { boundariesAt, marksOf, siteAt, textAt } from '../session/boundaries.js';
import { innermost } from '../session/frames.js';
import { firstOrder } from '../session/arrival.js';
import type { Unit } from '../session/session.js';
import { operationOf, sitesOf } from '../session/templates.js';
import { Values, type Variable } from '../session/values.js';
import { CodeStops } from './code-stops.js';
import type { MachineTexts } from './machine-texts.js';

/** What of a run is traced. */
export interface TraceFilter {
  /** By index: code of other functions, interpreted or generated, and all else is left out; of all functions where absent. */
  readonly functions?: ReadonlySet<number>;
  /** Of code without a module, firmware: only routines of these names. */
  readonly routines?: ReadonlySet<string>;
  /** Name of a template, or of a WebAssembly instruction. */
  readonly kind?: string;
  /** Addresses of machine code, [begin, end). */
  readonly range?: { readonly begin: number; readonly end: number };
  /** The first count of executed instructions, and the first one behind the trace. */
  readonly from: number;
  readonly to: number;
}

/** One step as a session would see it: a WebAssembly instruction or template that comes next, or a machine instruction with what it did. */
export interface TraceEntry {
  /** Machine instructions executed before it. */
  readonly count: number;
  readonly address: number;
  /** Undefined outside of generated code. */
  readonly code: DebugFunction | undefined;
  readonly wasmOffset: number | undefined;
  /** The instruction, as text of its layer; of the template layer, the template's name and what its holes were filled with. */
  readonly text: string;
  /** Before the instruction; of the wasm layer only. */
  readonly locals: readonly Variable[];
  readonly operands: readonly Variable[];
  /** General registers that the machine instruction changed, and their new values; of the machine layer only. */
  readonly changed: readonly (readonly [name: string, value: bigint])[];
}

/** Where a trace has to look. */
export interface TraceSource {
  readonly target: DebugTarget;
  readonly view: CodeView;
  readonly texts: MachineTexts;
}

const none: readonly never[] = [];

/**
 * Runs the target and gives what it comes by, one by one; nothing is kept. Ends with why the run did, or by `count` where the trace's end was
 * reached. Between what the filter lets through, the target runs at full speed.
 */
export async function* trace(source: TraceSource, layer: Unit, filter: TraceFilter): AsyncGenerator<TraceEntry, TargetStop> {
  const { target } = source;
  if (filter.from > target.instructions) {
    const stop = target.run(filter.from - target.instructions);
    if (stop.why !== 'count') return stop;
  }
  return layer === 'machine' ? yield* machineTrace(source, filter) : yield* markedTrace(source, layer, filter);
}

/** What lies at marked addresses: breakpoints are the marks. */
async function* markedTrace(source: TraceSource, layer: 'wasm' | 'template', filter: TraceFilter): AsyncGenerator<TraceEntry, TargetStop> {
  const { target, view, texts } = source;
  const values = new Values(target, view);
  const marks = new CodeStops(target, () => marksIn(view, layer, filter));
  for (;;) {
    marks.update();
    const { instructions: count } = target;
    const pc = view.position;
    if (count >= filter.to) return { why: 'count' };
    const code = marks.has(pc) ? view.at(pc) : undefined;
    if (code !== undefined && layer === 'wasm') {
      // What jumps to a label does not come by what lies in front of it at the same address.
      const first = firstOrder(target, code);
      for (const [order, { wasmOffset }] of boundariesAt(code, pc).entries()) {
        if (order < first) continue;
        const text = textAt(code, wasmOffset);
        if (filter.kind !== undefined && operationOf(text) !== filter.kind) continue;
        const frame = innermost(target, view, order);
        yield { count, address: pc, code, wasmOffset, text, locals: values.locals(frame), operands: values.operands(frame), changed: none };
      }
    } else if (code !== undefined) {
      yield {
        count,
        address: pc,
        code,
        wasmOffset: siteAt(code, pc)?.wasmOffset,
        text: await texts.template(code, pc),
        locals: none,
        operands: none,
        changed: none,
      };
    }
    target.stops.pass(target.pc);
    const stop = target.run(filter.to - count);
    if (stop.why !== 'breakpoint' && stop.why !== 'count' && stop.why !== 'interrupted') return stop;
  }
}

/** Addresses where it stops, in the code that is there. */
function marksIn({ functions }: CodeView, layer: 'wasm' | 'template', filter: TraceFilter): ReadonlySet<number> {
  const wanted = functions.filter(({ index }) => filter.functions === undefined || filter.functions.has(index));
  return new Set(wanted.flatMap((code) => marksOfFunction(code, layer, filter)));
}

function marksOfFunction(code: DebugFunction, layer: 'wasm' | 'template', { kind, range }: TraceFilter): number[] {
  const within = (address: number): boolean => range === undefined || (address >= range.begin && address < range.end);
  const { addresses } = marksOf(code);
  if (layer === 'wasm')
    return addresses.filter(
      (address) =>
        within(address) && (kind === undefined || boundariesAt(code, address).some(({ wasmOffset }) => operationOf(textAt(code, wasmOffset)) === kind)),
    );
  return (kind === undefined ? code.sites : sitesOf(code, kind)).map(({ address }) => address).filter(within);
}

/** The name that `CodeView.routineAt` tells. */
const nameOfRoutine = (text: string | undefined): string => /^[^+ ]*/.exec(text ?? '')![0];

async function* machineTrace(
  { target, view, texts }: TraceSource,
  { functions, routines, kind, range, to }: TraceFilter,
): AsyncGenerator<TraceEntry, TargetStop> {
  const names = target.registers.filter(({ group, name }) => group === 'general' && name !== 'pc').map(({ name }) => name);
  const read = (): bigint[] => names.map((name) => target.readRegister(name));
  const sites = new WeakMap<DebugFunction, ReadonlySet<number>>();
  const isOfKind = (code: DebugFunction, address: number, name: string): boolean => {
    const found = sites.get(code) ?? new Set(sitesOf(code, name).map((site) => site.address));
    sites.set(code, found);
    return found.has(address);
  };
  for (;;) {
    const { pc: address, instructions: count } = target;
    if (count >= to) return { why: 'count' };
    // A handler of the interpreter belongs to the instruction that it executes.
    const code = view.at(view.position);
    const site = code === undefined ? undefined : siteAt(code, view.position);
    const isWanted =
      (functions === undefined || (code !== undefined && functions.has(code.index))) &&
      (routines === undefined || routines.has(nameOfRoutine(view.routineAt(address)))) &&
      (range === undefined || (address >= range.begin && address < range.end)) &&
      (kind === undefined || (code !== undefined && site !== undefined && isOfKind(code, site.address, kind)));
    const before = isWanted ? read() : none;
    const text = isWanted ? await texts.machine(code?.interpreted === true ? undefined : code, address) : '';
    target.stops.pass(address);
    const stop = target.run(1);
    if (isWanted && target.instructions > count) {
      const changed = read().flatMap((value, index) => (value === before[index] ? [] : [[names[index]!, value] as const]));
      yield { count, address, code, wasmOffset: site?.wasmOffset, text, locals: none, operands: none, changed };
    }
    if (stop.why !== 'count' && stop.why !== 'breakpoint') return stop;
  }
}
