import {
  functionTypeOf,
  InstructionReader,
  type ControlTable,
  type FunctionType,
  type ValidatedFunction,
  type ValueType,
  type WasmModule,
} from '@fireball/wasm';
import type { TableSet } from './layout.js';

/** Where a branch goes on: an offset in the module, and the next entry of the side table. */
export interface BranchTarget {
  readonly offset: number;
  readonly entry: number;
  /** Operands that it drops below those that it keeps; both 0 where nothing moves. */
  readonly dropped: number;
  readonly kept: number;
}

/** Where arrivals at a loop are counted: its entry has the counter's address. */
interface CountedLoop {
  /** Offset of the `loop`. */
  readonly loop: number;
}

/** What the interpreter needs to know of a function beyond its bytes. */
export interface ScannedFunction {
  readonly set: TableSet;
  /** One per branch instruction and arm end in code order, several per `br_table`; loops too where they are counted. */
  readonly branches: readonly (BranchTarget | CountedLoop)[];
}

const isWide = (type: ValueType | undefined): boolean => type === 'i64' || type === 'f64';
const hasWide = (type: FunctionType | undefined): boolean => type !== undefined && (type.params.some(isWide) || type.results.some(isWide));

/** How a call changes the height of the operand stack. */
const heightBehind = (type: FunctionType | undefined): number => (type === undefined ? 0 : type.results.length - type.params.length);

/** Positions in the side table that become known while the function is read. */
interface FramePositions {
  body: number;
  afterElse: number;
  afterEnd: number;
}

type PendingBranch = () => BranchTarget | CountedLoop;

/** One walk over a validated function: branch targets, and which set of handlers it needs. */
class Scanner {
  private readonly reader: InstructionReader;
  private readonly controls: ControlTable;
  private readonly pending: PendingBranch[] = [];
  private readonly positions: FramePositions[] = [{ body: 0, afterElse: 0, afterEnd: 0 }];
  private readonly open: number[] = [0];
  private nextControl = 1;
  private nextDead = 0;
  private height = 0;
  private isGeneral = false;
  private isWide: boolean;

  constructor(
    private readonly module: WasmModule,
    private readonly entry: ValidatedFunction,
    private readonly countsLoops: boolean,
  ) {
    this.reader = new InstructionReader(module.bytes, entry.code.start);
    this.controls = entry.controls;
    this.isWide = hasWide(entry.type) || entry.locals.runs.some((run) => isWide(run.type));
  }

  scan(): ScannedFunction {
    const { reader, entry } = this;
    while (reader.offset < entry.code.end) {
      if (reader.offset === entry.deadRanges[2 * this.nextDead]) {
        this.skipDeadCode();
        continue;
      }
      reader.read();
      this.classify();
      this.step();
    }
    const set = this.isGeneral ? 'general' : this.isWide ? 'wide' : 'narrow';
    return { set, branches: this.pending.map((resolve) => resolve()) };
  }

  private skipDeadCode(): void {
    const { reader, entry, controls } = this;
    reader.offset = entry.deadRanges[2 * this.nextDead + 1] ?? entry.code.end;
    this.nextDead++;
    while (this.nextControl < controls.count && controls.start(this.nextControl) < reader.offset) this.nextControl++;
  }

  /** Immediates whose length the handlers of the narrow and wide sets take for granted; values that need two words. */
  private classify(): void {
    const { reader, module } = this;
    const { immediates, signature } = reader.op;
    if (immediates === 'local' || immediates === 'label' || immediates === 'block') this.isGeneral ||= reader.offset - reader.start > 2;
    else if (immediates === 'memarg') this.isGeneral ||= (module.bytes[reader.start + 1] ?? 0) >= 0x80;
    else if (immediates === 'global') this.isWide ||= isWide(module.globals[reader.a]?.type);
    else if (immediates === 'func') this.isWide ||= hasWide(functionTypeOf(module, reader.a));
    else if (immediates === 'type_table') this.isWide ||= hasWide(module.types[reader.a]);
    this.isWide ||= hasWide(signature);
  }

  private step(): void {
    const { reader, module, controls, open } = this;
    const frame = open.at(-1) ?? 0;
    const { name, signature } = reader.op;
    if (signature !== undefined) {
      this.height += signature.results.length - signature.params.length;
      return;
    }
    switch (name) {
      case 'block':
      case 'loop':
        this.enter();
        return;
      case 'if': {
        this.height--;
        const row = this.enter();
        this.pending.push(() => this.elseTarget(row));
        return;
      }
      case 'else':
        this.pending.push(() => this.endTarget(frame));
        this.frame(frame).afterElse = this.pending.length;
        this.height = controls.height(frame) + controls.signature(frame).params.length;
        return;
      case 'end':
        open.pop();
        this.frame(frame).afterEnd = this.pending.length;
        this.height = controls.height(frame) + controls.signature(frame).results.length;
        return;
      case 'br':
        this.branch(reader.a);
        return;
      case 'br_if':
        this.height--;
        this.branch(reader.a);
        return;
      case 'br_table':
        this.height--;
        for (const label of reader.targets) this.branch(label);
        return;
      case 'return':
      case 'return_call':
      case 'return_call_indirect':
        this.pending.push(() => this.functionEnd());
        return;
      case 'call':
        this.height += heightBehind(functionTypeOf(module, reader.a));
        return;
      case 'call_indirect':
        this.height += heightBehind(module.types[reader.a]) - 1;
        return;
      case 'local.get':
      case 'global.get':
      case 'ref.null':
      case 'ref.func':
        this.height++;
        return;
      case 'drop':
      case 'local.set':
      case 'global.set':
      case 'table.grow':
        this.height--;
        return;
      case 'select':
      case 'select_t':
      case 'table.set':
        this.height -= 2;
        return;
      case 'table.fill':
        this.height -= 3;
        return;
      case 'local.tee':
      case 'table.get':
      case 'ref.is_null':
      case 'unreachable':
        return;
      default:
        name satisfies never;
    }
  }

  private enter(): number {
    const row = this.nextControl++;
    this.open.push(row);
    if (this.isCounted(row)) {
      this.positions[row] = { body: this.pending.length, afterElse: 0, afterEnd: 0 };
      this.pending.push(() => ({ loop: this.controls.start(row) }));
      return row;
    }
    this.positions[row] = { body: this.pending.length + (this.controls.kind(row) === 'if' ? 1 : 0), afterElse: 0, afterEnd: 0 };
    return row;
  }

  private isCounted(row: number): boolean {
    return this.countsLoops && this.controls.kind(row) === 'loop';
  }

  private frame(row: number): FramePositions {
    return (this.positions[row] ??= { body: 0, afterElse: 0, afterEnd: 0 });
  }

  private branch(label: number): void {
    const { controls, open, height } = this;
    const row = open[open.length - 1 - label] ?? 0;
    if (row === 0) {
      this.pending.push(() => this.functionEnd());
      return;
    }
    const { params, results } = controls.signature(row);
    const isLoop = controls.kind(row) === 'loop';
    const kept = (isLoop ? params : results).length;
    const dropped = height - controls.height(row) - kept;
    this.pending.push(() => ({ ...(isLoop ? this.bodyTarget(row) : this.endTarget(row)), ...(dropped === 0 ? {} : { dropped, kept }) }));
  }

  private functionEnd(): BranchTarget {
    return { offset: this.controls.end(0), entry: this.pending.length, dropped: 0, kept: 0 };
  }

  private bodyTarget(row: number): BranchTarget {
    // The handler of a counted loop counts, so branches lead to the instruction itself.
    const offset = this.isCounted(row) ? this.controls.start(row) : this.controls.body(row);
    return { offset, entry: this.frame(row).body, dropped: 0, kept: 0 };
  }

  private endTarget(row: number): BranchTarget {
    return { offset: this.controls.end(row) + 1, entry: this.frame(row).afterEnd, dropped: 0, kept: 0 };
  }

  private elseTarget(row: number): BranchTarget {
    const at = this.controls.elseAt(row);
    return at === undefined ? this.endTarget(row) : { offset: at + 1, entry: this.frame(row).afterElse, dropped: 0, kept: 0 };
  }
}

export function scanFunction(module: WasmModule, entry: ValidatedFunction, countsLoops: boolean): ScannedFunction {
  return new Scanner(module, entry, countsLoops).scan();
}
