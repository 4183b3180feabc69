import { InternalError } from '@fireball/contracts';
import { InstructionReader } from '../binary/instruction.js';
import type { MemoryAccessOpName, NumericOpName, OpName } from '../opcodes.js';
import { isNumericOp } from '../semantics.js';
import type { ValidatedFunction } from '../validator.js';
import * as control from './steps/control.js';
import * as memory from './steps/memory.js';
import { numericSteps } from './steps/numeric.js';
import * as table from './steps/table.js';
import * as variables from './steps/variables.js';
import type { CompiledBody, ModuleInstance, Step, WasmFunction } from './structure.js';

/** One walk over a body: a step per instruction, none for `block`, `loop`, `nop` and inner `end`. */
class BodyCompiler {
  readonly steps: Step[] = [];
  readonly offsets: number[] = [];
  readonly loops = new Map<number, number>();
  /** Target step of every control frame, and behind them the start of its `else` arm. */
  readonly labels: Int32Array;
  readonly reader: InstructionReader;
  readonly instance: ModuleInstance;
  readonly validated: ValidatedFunction;

  /** The open frames, as rows of the control table. */
  private readonly open: number[] = [0];
  private nextControl = 1;
  private nextBranch = 0;
  private nextDead = 0;

  constructor(callee: WasmFunction) {
    this.validated = callee.validated;
    this.instance = callee.instance;
    this.labels = new Int32Array(this.validated.controls.count * 2);
    this.reader = new InstructionReader(this.instance.module.bytes, this.validated.code.start);
  }

  compile(): CompiledBody {
    const { reader, validated } = this;
    let skipped = 0;
    let longestSkip = 0;
    while (reader.offset < validated.code.end) {
      if (reader.offset === validated.deadRanges[this.nextDead * 2]) {
        this.skipDeadCode();
        continue;
      }
      reader.read();
      const step = numericSteps[reader.op.id] ?? this.stepOf(reader);
      if (step === undefined) {
        longestSkip = Math.max(longestSkip, ++skipped);
        continue;
      }
      skipped = 0;
      this.steps.push(step);
      this.offsets.push(reader.start);
    }
    return {
      steps: this.steps,
      offsets: Int32Array.from(this.offsets),
      loops: this.loops,
      parameterCount: validated.locals.parameterCount,
      localCount: validated.locals.count,
      frameSlots: validated.locals.count + validated.maxOperandHeight,
      longestSkip,
    };
  }

  private skipDeadCode(): void {
    const { reader, validated } = this;
    const end = validated.deadRanges[this.nextDead * 2 + 1] ?? validated.code.end;
    this.nextDead++;
    reader.offset = end;
    const { controls, branches } = validated;
    while (this.nextControl < controls.count && controls.start(this.nextControl) < end) this.nextControl++;
    while (this.nextBranch < branches.count && branches.at(this.nextBranch) < end) this.nextBranch++;
  }

  private stepOf({ op, b: offset }: InstructionReader): Step | undefined {
    const { name, access } = op;
    if (access !== undefined) return memory.accessStep(name, access.width, this.memory, offset);
    if (isNumericOp(name)) throw new InternalError(`no step for ${name}`);
    const make: StepMaker = contextualSteps[name];
    return make(this);
  }

  get memory() {
    return this.instance.memories[0]!;
  }

  table(index: number) {
    return this.instance.tables[index]!;
  }

  get callee() {
    return this.instance.functions[this.reader.a]!;
  }

  typeNumber(): number {
    return this.instance.store.typeNumber(this.instance.module.types[this.reader.a]!);
  }

  get functions() {
    return this.instance.store.codec.functions;
  }

  /** Consumes the next row of the branch table. */
  target(): control.BranchTarget {
    const { branches, controls, locals } = this.validated;
    const row = this.nextBranch++;
    const frame = branches.control(row);
    return {
      labels: this.labels,
      control: frame,
      arity: branches.arity(row),
      slot: locals.count + controls.height(frame),
    };
  }

  /** Opens the next control frame and gives its row. */
  enter(): number {
    const row = this.nextControl++;
    this.open.push(row);
    if (this.validated.controls.kind(row) === 'loop') {
      this.labels[row] = this.steps.length;
      this.loops.set(this.validated.controls.start(row), this.steps.length);
    }
    return row;
  }

  /** Index in `labels` of a frame's `else` arm. */
  elseLabel(row: number): number {
    return this.validated.controls.count + row;
  }

  if(): Step {
    return control.jumpUnless(this.labels, this.elseLabel(this.enter()));
  }

  else(): Step {
    const row = this.open.at(-1)!;
    // The jump over the second arm is a step of its own, so the arm starts behind it.
    this.labels[this.elseLabel(row)] = this.steps.length + 1;
    return control.jump(this.labels, row);
  }

  end(): Step | undefined {
    const row = this.open.pop()!;
    const { controls } = this.validated;
    const kind = controls.kind(row);
    if (kind !== 'loop') this.labels[row] = this.steps.length;
    if (kind === 'if' && controls.elseAt(row) === undefined) {
      this.labels[this.elseLabel(row)] = this.steps.length;
    }
    return kind === 'function' ? control.leave(this.validated.type.results.length) : undefined;
  }
}

type StepMaker = (compiler: BodyCompiler) => Step | undefined;

const nothing: StepMaker = () => undefined;
const bits = new DataView(new ArrayBuffer(8));

function constant64(value: bigint): Step {
  bits.setBigUint64(0, BigInt.asUintN(64, value));
  return variables.constant(bits.getInt32(4), bits.getInt32(0));
}

/** Instructions with immediates or special operands. */
const contextualSteps = {
  unreachable: () => control.unreachable,
  nop: nothing,
  block: (c) => {
    c.enter();
    return undefined;
  },
  loop: (c) => {
    c.enter();
    return undefined;
  },
  if: (c) => c.if(),
  else: (c) => c.else(),
  end: (c) => c.end(),
  br: (c) => control.br(c.target()),
  br_if: (c) => control.brIf(c.target()),
  br_table: (c) => control.brTable(c.reader.targets.map(() => c.target())),
  return: (c) => control.leave(c.validated.type.results.length),
  call: (c) => control.call(c.callee),
  call_indirect: (c) => control.callIndirect(c.table(c.reader.b), c.functions, c.typeNumber()),
  return_call: (c) => control.tailCall(c.callee),
  return_call_indirect: (c) => control.tailCallIndirect(c.table(c.reader.b), c.functions, c.typeNumber()),
  drop: () => variables.drop,
  select: () => variables.select,
  select_t: () => variables.select,
  'local.get': (c) => variables.localGet(c.reader.a),
  'local.set': (c) => variables.localSet(c.reader.a),
  'local.tee': (c) => variables.localTee(c.reader.a),
  'global.get': (c) => variables.globalGet(c.instance.globals[c.reader.a]!),
  'global.set': (c) => variables.globalSet(c.instance.globals[c.reader.a]!),
  'table.get': (c) => table.tableGet(c.table(c.reader.a)),
  'table.set': (c) => table.tableSet(c.table(c.reader.a)),
  'table.size': (c) => table.tableSize(c.table(c.reader.a)),
  'table.grow': (c) => table.tableGrow(c.table(c.reader.a)),
  'table.fill': (c) => table.tableFill(c.table(c.reader.a)),
  'table.copy': (c) => table.tableCopy(c.table(c.reader.a), c.table(c.reader.b)),
  'table.init': (c) => {
    const { instance, reader } = c;
    const segment = reader.a;
    return table.tableInit(c.table(reader.b), () => instance.elements[segment]!);
  },
  'elem.drop': (c) => {
    const { instance, reader } = c;
    const segment = reader.a;
    return () => instance.dropElements(segment);
  },
  'memory.size': (c) => memory.memorySize(c.memory),
  'memory.grow': (c) => memory.memoryGrow(c.memory),
  'memory.fill': (c) => memory.memoryFill(c.memory),
  'memory.copy': (c) => memory.memoryCopy(c.memory),
  'memory.init': (c) => {
    const { instance, reader } = c;
    const segment = reader.a;
    return memory.memoryInit(c.memory, () => instance.data[segment]!);
  },
  'data.drop': (c) => {
    const { instance, reader } = c;
    const segment = reader.a;
    return () => instance.dropData(segment);
  },
  'i32.const': (c) => variables.constant(c.reader.a, 0),
  'f32.const': (c) => variables.constant(c.reader.a | 0, 0),
  'i64.const': (c) => constant64(c.reader.i64),
  'f64.const': (c) => constant64(c.reader.i64),
  'ref.null': () => variables.constant(0, 0),
  'ref.is_null': () => variables.refIsNull,
  'ref.func': (c) => variables.constant(c.functions.numberOf(c.callee), 0),
} as const satisfies Record<Exclude<OpName, MemoryAccessOpName | NumericOpName>, StepMaker>;

/** Compiles a function's body for its instance. */
export function compileBody(callee: WasmFunction): CompiledBody {
  return new BodyCompiler(callee).compile();
}
