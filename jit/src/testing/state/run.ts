import type { Isa } from '@fireball/contracts';
import { store32, type OpName } from '@fireball/wasm';
import * as allocationLayout from '../../core/layout/allocation.js';
import * as analyses from '../../core/layout/analyses.js';
import * as bodyLayout from '../../core/layout/body.js';
import * as functionLayout from '../../core/layout/function.js';
import * as layout from '../../core/layout/select.js';
import { mostValues } from '../../core/layout/plan.js';
import * as core from '../../core/select/state.js';
import { cores } from '../../features.js';
import type { Allocation } from '../../plan/result.js';
import type { Instruction, LocalWords } from '../../plan/body.js';
import type { Context } from '../../select/context.js';
import type { HeldFloat } from '../../select/float-file.js';
import type { KnownContents } from '../../select/contents.js';
import { spill } from '../../select/spilling.js';
import { FunctionState } from '../../select/state.js';
import type { CachedPointer, Held } from '../../select/temporaries.js';
import { masmCores } from '../masm/cores.js';
import { mixed } from '../masm/draw.js';
import { MasmRun } from '../masm/run.js';

const nextOps = ['nop', 'local.set', 'local.tee', 'return', 'end', 'call'] as const satisfies readonly OpName[];
const opNumbers: Readonly<Record<(typeof nextOps)[number], number>> = {
  nop: layout.nop,
  'local.set': layout.localSet,
  'local.tee': layout.localTee,
  return: layout.returnOp,
  end: layout.end,
  call: layout.call,
};

/** More than a run goes over. */
const instructions = 100;

/** Both abstract machines of one random function. */
export class StateRun {
  readonly run: MasmRun;
  readonly draw;
  readonly state: FunctionState;
  readonly context: Context;
  readonly body: Instruction[] = [];
  readonly held: [Held | HeldFloat, number][] = [];
  readonly pointers: [CachedPointer, number][] = [];
  readonly snapshots: [KnownContents, number][] = [[new Map(), 0]];
  readonly words: number;
  readonly pairs: number[];
  readonly log: string[] = [];

  constructor(
    readonly isa: Isa,
    seed: number,
  ) {
    const variants = Object.values(cores[isa]);
    this.run = new MasmRun(isa, variants[seed % variants.length]!, masmCores.sources);
    const draw = (this.draw = this.run.draw = mixed(seed));
    const { masm } = this.run;
    const { roles } = masm;
    const local = Array.from({ length: draw.between(1, 9) }, () => (draw.chance(3) ? 2 : 1));
    let next = 0;
    const locals: LocalWords = {
      words: local.map((count) => Array.from({ length: count }, () => next++)),
      owners: Int32Array.from(local.flatMap((count, index) => Array.from({ length: count }, () => index))),
      count: next,
      parameterWords: 0,
    };
    this.words = next;
    this.pairs = locals.words.filter(({ length }) => length === 2).map(([low]) => low!);
    const savedCount = draw.between(0, draw.chance(2) ? roles.saved.length : 3);
    const saved = roles.saved.slice(0, savedCount);
    const extra = draw.chance(2) ? roles.leafExtra.filter(() => draw.chance(2)) : [];
    const free = [...saved, ...extra];
    if (roles.link >= 0 && draw.chance(4)) free.push(roles.link);
    const constRegs = new Map<number, number>();
    for (let count = draw.between(0, 3); count > 0 && free.length > 0; count--) {
      constRegs.set(draw.word() >>> 0, free.splice(draw.between(0, free.length - 1), 1)[0]!);
    }
    const localRegs = Int32Array.from({ length: next }, () => (free.length === 0 || draw.chance(3) ? -1 : draw.of(free)));
    const taken = new Set([...localRegs, ...constRegs.values()]);
    const temps = roles.temps.filter((reg) => !taken.has(reg) && !draw.chance(8));
    const allocation: Allocation = { localRegs, constRegs, saved, ownsLink: false, temps };
    const most = draw.between(0, 20);
    const result = draw.of([[], ['i32'], ['i64'], ['i32', 'f32']] as const);
    const parameterCount = draw.between(0, 10);

    const run = this.run;
    run.writeWord(analyses.localCount, local.length);
    run.writeWord(analyses.wordCount, next);
    let first = 0;
    run.writeWord(analyses.firstWords, run.list([0, ...local.map((count) => (first += count))]));
    run.writeWord(mostValues, most);
    run.writeWord(allocationLayout.wordRegs, run.list([...localRegs]));
    run.writeWord(allocationLayout.constantRegs, run.list([...constRegs].flatMap(([value, reg]) => [value | 0, reg])));
    run.writeWord(allocationLayout.constantRegCount, constRegs.size);
    run.writeWord(allocationLayout.savedRegs, run.list(saved));
    run.writeWord(allocationLayout.savedRegCount, saved.length);
    run.writeWord(allocationLayout.tempRegs, run.list(temps));
    run.writeWord(allocationLayout.tempRegCount, temps.length);
    const resultWords = result.map((type) => (type === 'i64' ? 2 : 1));
    run.writeWord(functionLayout.functionSignature, run.list([0, 0, result.length, ...resultWords]));
    const callee = run.list([parameterCount, parameterCount, 0]);
    const records = run.list(Array.from({ length: (instructions * bodyLayout.recordStride) / 4 }, () => 0));
    run.writeWord(bodyLayout.records, records);
    run.writeWord(bodyLayout.recordCount, instructions);
    for (let index = 0; index < instructions; index++) {
      const op = draw.of(nextOps);
      const a = op === 'end' ? (draw.chance(2) ? -1 : 0) : draw.between(0, local.length - 1);
      const record = records + index * bodyLayout.recordStride;
      this.body.push({ op, offset: 0, a, b: 0, blockType: { kind: 'empty' } as never, targets: [] });
      store32(record + bodyLayout.operationField, opNumbers[op]);
      store32(record + bodyLayout.aField, a);
      store32(record + bodyLayout.signatureField, callee);
    }
    core.beginState();
    this.state = new FunctionState(masm, allocation, locals, most, spill);
    this.context = {
      plan: { body: this.body, locals },
      masm,
      state: this.state,
      control: [],
      source: { type: { params: [], results: result }, functionType: () => ({ params: Array.from({ length: parameterCount }, () => 'i32'), results: [] }) },
      index: 0,
      composing: false,
    } as never;
  }
}
