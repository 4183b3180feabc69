import type {
  Boundary,
  DebugFunction,
  InterpretedFrame,
  InterpreterLayout,
  InterpreterView,
  ReturnPlace,
  ValueLocation,
  WordLocation,
} from '@fireball/contracts';
import { formatInstruction, functionName, InstructionReader, operandTypesOf, type ValidatedFunction, type ValueType } from '@fireball/wasm';
import type { Program } from '../runtime/interpreter/program.js';
import { slotSize } from '../runtime/interpreter/shape.js';
import type { Vsoc } from '../vsoc.js';
import { callsIn, entryFrame, layoutOf, linkBytes, machineRegisters, outerCallBytes } from './interpreter-layout.js';

interface Described {
  readonly program: Program;
  readonly entry: ValidatedFunction;
  readonly position: number;
  readonly code: DebugFunction;
  types(wasmOffset: number): readonly ValueType[];
}

/** The interpreter in ROM, from its registers and its frames in RAM. Reads only. */
export class InterpretedFrames implements InterpreterView {
  readonly #known = new Map<Program, Map<number, Described>>();

  constructor(
    private readonly vsoc: Vsoc,
    private readonly pc: () => number,
  ) {}

  /** All interpreted functions, in order. */
  get functions(): readonly DebugFunction[] {
    return (this.vsoc.interpreter?.programs ?? []).flatMap((program) => program.module.functions.map((_, position) => this.#describe(program, position).code));
  }

  at(address: number): DebugFunction | undefined {
    return this.#find(address)?.code;
  }

  #find(address: number): Described | undefined {
    for (const program of this.vsoc.interpreter?.programs ?? []) {
      const found = program.functionAt(address);
      if (found !== undefined) return this.#describe(program, found.position);
    }
    return undefined;
  }

  #describe(program: Program, position: number): Described {
    const known = this.#known.get(program) ?? new Map<number, Described>();
    this.#known.set(program, known);
    const described = known.get(position) ?? describe(program, position);
    known.set(position, described);
    return described;
  }

  #register(number: number): number {
    return this.vsoc.cpu.readRegister(machineRegisters[this.vsoc.isa].names(number)) >>> 0;
  }

  #word(address: number): number {
    return this.vsoc.dataMemory.readWord(address) >>> 0;
  }

  /** Address of the opcode that is about to be executed; undefined where it has begun, and outside of handlers. */
  get position(): number | undefined {
    return this.#dispatched?.address;
  }

  get #dispatched(): { readonly address: number; readonly cached: 0 | 1 | 2 } | undefined {
    const { interpreter, isa } = this.vsoc;
    const pc = this.pc();
    if (interpreter === undefined || pc < interpreter.begin || pc >= interpreter.end) return undefined;
    const { position, table } = machineRegisters[isa];
    const address = this.#register(position);
    const opcode = interpreter.programs.map((program) => program.byteAt(address)).find((byte) => byte !== undefined);
    const cached = opcode === undefined ? undefined : interpreter.cachedOperands(pc, this.#register(table), opcode);
    return cached === undefined ? undefined : { address, cached };
  }

  get layout(): InterpreterLayout {
    return layoutOf(this.vsoc, {
      frameBytes: ({ begin }) => {
        const described = this.#find(begin);
        return described === undefined ? 0 : described.program.frameBytes(described.entry);
      },
      callsOf: ({ begin }) => {
        const described = this.#find(begin);
        return described === undefined ? [] : callsIn(described.program.module.module, described.entry, begin, (offset) => described.types(offset).length);
      },
    });
  }

  get cachedOperands(): number | undefined {
    return this.#dispatched?.cached;
  }

  get innermost(): InterpretedFrame | undefined {
    const { isa } = this.vsoc;
    const dispatched = this.#dispatched;
    const described = dispatched === undefined ? undefined : this.#find(dispatched.address);
    if (dispatched === undefined || described === undefined) return undefined;
    const { address, cached } = dispatched;
    const { first, second } = machineRegisters[isa];
    const { code, entry } = described;
    const wasmOffset = entry.code.start + address - code.begin;
    const types = described.types(wasmOffset);
    const register = (number: number): WordLocation => ({ kind: 'register', register: number });
    const operands = types.map((type, index): ValueLocation => {
      const fromTop = types.length - 1 - index;
      if (cached === 2 && fromTop < 2) return [register(fromTop === 0 ? second : first)];
      if (cached === 1 && fromTop === 0) return isWide(type) ? [register(first), register(second)] : [register(first)];
      return slotOf(entry, type, index);
    });
    return { code, address, next: address, sp: this.vsoc.cpu.readRegister('sp') >>> 0, boundary: boundaryOf(described, wasmOffset, operands) };
  }

  /** An activation whose operands are all in their slots, up to `home`: it is in a call, and goes on at `next`. */
  #suspended(next: number, home: number, sp: number): InterpretedFrame | undefined {
    // The call's last byte is in front of what comes next.
    const described = this.#find(next - 1);
    if (described === undefined) return undefined;
    const { code, entry } = described;
    const address = instructionAt(code, next - 1);
    const wasmOffset = entry.code.start + address - code.begin;
    const height = Math.max(0, (home - sp) / slotSize - entry.locals.count - 1);
    const operands = described
      .types(wasmOffset)
      .slice(0, height)
      .map((type, index) => slotOf(entry, type, index));
    return { code, address, next, sp, boundary: boundaryOf(described, wasmOffset, operands) };
  }

  frameBehind({ pc, sp, register }: ReturnPlace): InterpretedFrame | ReturnPlace | undefined {
    const { interpreter, isa } = this.vsoc;
    if (interpreter === undefined || pc < interpreter.begin || pc >= interpreter.end) return undefined;
    const { position, home } = machineRegisters[isa];
    const [next, top] = [register(position), register(home)];
    if (next === undefined || top === undefined) return undefined;
    const frame = this.#suspended(next >>> 0, top >>> 0, sp + outerCallBytes[isa]);
    const replaced = frame === undefined ? undefined : this.#find(frame.address);
    const shape = this.#word(sp + 4);
    if (frame === undefined) return undefined;
    // An activation that has gone on in native code, or ended with a tail call of it, has still its frame, and stands at its end: its caller is meant.
    const isGone = !isCall(frame) || replaced?.program.replacesBy(replaced.position, shape) === true;
    return isGone ? this.callerOf(frame) : frame;
  }

  callerOf({ code, sp }: Pick<InterpretedFrame, 'code' | 'sp'>): InterpretedFrame | ReturnPlace | undefined {
    const { isa } = this.vsoc;
    const described = this.#find(code.begin);
    if (described === undefined) return undefined;
    const link = sp + described.program.frameBytes(described.entry);
    const [next, home] = [this.#word(link), this.#word(link + 4)];
    const callerSp = link + linkBytes;
    if (this.#find(next - 1) !== undefined) return this.#suspended(next, home, callerSp);
    // Entered from other code: the first word tells where interp_entry has saved registers.
    const { bytes, link: linkAt, saved } = entryFrame[isa];
    const pc = (this.#word(next + linkAt) & ~1) >>> 0;
    const register = (number: number): number | undefined => {
      const kept = saved.find((each) => each.register === number);
      return kept === undefined ? undefined : this.#word(next + kept.offset) | 0;
    };
    return { pc, sp: next + bytes + code.argumentBytes, register };
  }
}

const isWide = (type: ValueType): boolean => type === 'i64' || type === 'f64';

function wordsAt(type: ValueType, offset: number): { readonly kind: 'slot'; readonly offset: number }[] {
  return [{ kind: 'slot', offset }, ...(isWide(type) ? [{ kind: 'slot' as const, offset: offset + 4 }] : [])];
}

/** Of an operand by its height: one slot lies between locals and operands. */
function slotOf({ locals }: ValidatedFunction, type: ValueType, height: number): ValueLocation {
  return wordsAt(type, slotSize * (locals.count + 1 + height));
}

function boundaryOf({ entry }: Pick<Described, 'entry'>, wasmOffset: number, operands: readonly ValueLocation[]): Boundary {
  return { wasmOffset, codeOffset: wasmOffset - entry.code.start, isLive: () => true, operands };
}

/** Address of the instruction that an address lies in. */
function instructionAt(code: DebugFunction, address: number): number {
  const first = code.wasm[0]?.offset ?? 0;
  const found = code.wasm.findLast(({ offset }) => code.begin + offset - first <= address);
  return code.begin + (found?.offset ?? first) - first;
}

function isCall({ code, boundary }: InterpretedFrame): boolean {
  return code.wasm.find(({ offset }) => offset === boundary.wasmOffset)?.text.startsWith('call') === true;
}

function describe(program: Program, position: number): Described {
  const { module, functions } = program.module;
  const entry = functions[position]!;
  const { start, end } = entry.code;
  const begin = program.codeOf(position);
  let types: ReadonlyMap<number, readonly ValueType[]> | undefined;
  const typesAt = (wasmOffset: number): readonly ValueType[] => (types ??= operandTypesOf(module, entry)).get(wasmOffset) ?? [];
  const locals = Array.from({ length: entry.locals.count }, (_, local) => wordsAt(entry.locals.typeAt(local)!, slotSize * local));
  const wasm: { offset: number; text: string }[] = [];
  const boundaries: Boundary[] = [];
  const reader = new InstructionReader(module.bytes, start);
  while (reader.offset < end) {
    reader.read();
    wasm.push({ offset: reader.start, text: formatInstruction(reader) });
    const at = reader.start;
    boundaries.push({
      wasmOffset: at,
      codeOffset: at - start,
      isLive: () => true,
      get operands() {
        return typesAt(at).map((type, height) => slotOf(entry, type, height));
      },
    });
  }
  const sites = wasm.map(({ offset }) => ({ address: begin + offset - start, wasmOffset: offset, template: 'interpreted' }));
  const code: DebugFunction = {
    index: entry.index,
    name: functionName(module, entry.index),
    begin,
    end: begin + end - start,
    localCount: entry.locals.count,
    localType: (local) => entry.locals.typeAt(local) ?? 'i32',
    parameterCount: entry.type.params.length,
    resultTypes: entry.type.results,
    argumentBytes: program.stackArgumentBytes(position),
    interpreted: true,
    loopEntries: [],
    parameters: [],
    sites,
    locations: { locals, extended: new Map(), boundaries, constants: [], saved: [], frameBytes: 0 },
    traps: [],
    wasm,
    listing: () => Promise.resolve(sites.map((site) => ({ ...site, holes: {}, fields: [], instructions: [], trap: null }))),
  };
  return { program, entry, position, code, types: typesAt };
}
