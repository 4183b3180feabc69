import { takeCore } from '../instance/core.js';
import type { MacroAssembler } from '../target/macro-assembler.js';
import type { PlanEnvironment } from './accesses.js';
import { Analyses } from './analyses.js';
import { layOutLocals, needsEntrySafepoint, readBody, type FunctionSource, type Instruction } from './body.js';
import type { FunctionType } from '@fireball/wasm';
import { planAlu, planCompare, planDivide, planLoad, planNumeric, planRecordOperation, planSelect, planSign, planStore, planTest } from './operations.js';
import { familyOf, recordOps, type SpecialOp } from './ops.js';
import type { Plan } from './result.js';
import type { RoundTrips } from './round-trips.js';
import { bound, unknown } from './symbols.js';
import { Walk } from './walk.js';
import { wordsOf } from './words.js';

/**
 * The cheap first walk: weights for register allocation, and for every memory access the proof
 * that it will be in bounds. Reads nothing but the instructions; the selector follows its answers.
 * `osrLoops`: offsets of loops that can also be entered from outside.
 */
export function planFunction(source: FunctionSource, masm: MacroAssembler, environment: PlanEnvironment, osrLoops: ReadonlySet<number> = new Set()): Plan {
  const core = takeCore();
  const body = readBody(source, core);
  const locals = layOutLocals(source);
  const analyses = new Analyses(core, source, locals);
  const { extended } = analyses;
  const newWalk = (around?: RoundTrips): Walk => new Walk(source, body, locals, masm, environment, osrLoops, extended, around);
  let walk = newWalk();
  let most = walkBody(walk, body);
  if (walk.roundTrips.areWorthMore) {
    walk = newWalk(walk.roundTrips);
    most = walkBody(walk, body);
  }
  walk.accesses.finish();
  const { weights, accesses, hasCalls, hasRoutines } = walk;
  analyses.findUses(weights, walk.events);
  return {
    body,
    locals,
    extended,
    localWeights: weights.locals,
    localMentions: weights.localMentions,
    constMentions: weights.constMentions,
    needsZero: analyses.needsZero,
    constWeights: weights.constants,
    accesses: accesses.plans,
    rareAccesses: accesses.rare,
    foregone: walk.foregone,
    intervals: walk.intervals,
    hasCalls,
    hasRoutines,
    live: analyses.live(body.length, osrLoops.size > 0),
    analyses,
    pressure: most.computed,
    mostValues: most.values,
  };
}

/** Returns the greatest numbers of computed words and of values on the operand stack. */
function walkBody(walk: Walk, body: readonly Instruction[]): { readonly computed: number; readonly values: number } {
  if (needsEntrySafepoint(body)) walk.weights.useAddress(walk.environment.safepoint?.flag);
  const most = { computed: 0, values: 0 };
  /** Open blocks in unreachable code. */
  let dead = 0;
  for (let index = 0; index < body.length; index++) {
    const insn = body[index] as Instruction;
    const isDead = dead > 0;
    if (isDead) {
      if (insn.op === 'block' || insn.op === 'loop' || insn.op === 'if') dead++;
      else if (insn.op === 'end') dead--;
      else if (insn.op === 'else' && dead === 1) dead = 0;
      if (dead > 0) continue;
      walk.dropOperandsOfBlock();
    }
    if (step(walk, insn, index, !isDead)) dead = 1;
    most.computed = Math.max(most.computed, walk.stack.computed);
    most.values = Math.max(most.values, walk.stack.values);
  }
  return most;
}

/** Returns true where the code that follows is unreachable. `reachable`: the code in front of it gets here. */
function step(walk: Walk, insn: Instruction, index: number, reachable: boolean): boolean {
  const family = familyOf(insn.op);
  switch (family.kind) {
    case 'special':
      return special(walk, insn, index, family.op, reachable);
    case 'alu':
      planAlu(walk, family.op, index);
      return false;
    case 'compare':
      planCompare(walk, family.cond);
      return false;
    case 'divide':
      planDivide(walk);
      return false;
    case 'unary':
      walk.weights.settle(walk.pop());
      walk.push(unknown);
      return false;
    case 'load':
      planLoad(walk, insn, index, family.shape);
      return false;
    case 'store':
      planStore(walk, insn, index, family.shape);
      return false;
    case 'record':
      planRecordOperation(walk, index, recordOps[family.op]);
      return false;
    case 'float':
      planNumeric(walk, insn, index, family.operation);
      return false;
    case 'sign':
      planSign(walk, family.operation);
      return false;
    case 'pair':
    case 'count':
    case 'reinterpretation':
    case 'routine':
      planNumeric(walk, insn, index);
      return false;
  }
}

function special(walk: Walk, insn: Instruction, index: number, op: SpecialOp, reachable: boolean): boolean {
  const { source, environment, weights } = walk;
  switch (op) {
    case 'nop':
      return false;
    case 'i32.const':
      walk.push({ kind: 'const', value: insn.a });
      return false;
    case 'f32.const':
      walk.push({ kind: 'const', value: insn.a | 0 });
      return false;
    case 'i64.const':
    case 'f64.const':
      walk.push({ kind: 'const', value: insn.a });
      walk.push({ kind: 'const', value: insn.b, high: true });
      return false;
    case 'i32.eqz':
    case 'ref.is_null':
      planTest(walk);
      return false;
    case 'i32.rotl':
      planAlu(walk, 'rotr', index);
      return false;
    case 'drop':
      if (walk.pop().high) walk.pop();
      return false;
    case 'select':
    case 'select_t':
      planSelect(walk);
      return false;
    case 'local.get':
      walk.getLocal(insn.a);
      return false;
    case 'local.set':
    case 'local.tee':
      walk.setLocal(insn.a, index, op === 'local.tee');
      return false;
    case 'global.get':
      weights.useAddress(environment.globalAddress(insn.a));
      walk.pushTypes([source.globalType(insn.a)]);
      return false;
    case 'global.set':
      for (let word = wordsOf(source.globalType(insn.a)); word > 0; word--) weights.useInRegister(walk.pop());
      weights.useAddress(environment.globalAddress(insn.a));
      walk.accesses.close();
      return false;
    case 'call':
      walk.call(source.functionType(insn.a));
      if (insn.a !== source.index && environment.directCalls?.reaches(source.index, insn.a) !== true) weights.useAddress(environment.slotAddress(insn.a));
      return false;
    case 'call_indirect':
      tableElement(walk, insn);
      walk.call(source.types[insn.a] as FunctionType);
      return false;
    case 'return_call':
      walk.popArguments(source.functionType(insn.a).params);
      return true;
    case 'return_call_indirect':
      tableElement(walk, insn);
      return true;
    case 'ref.null':
      walk.push({ kind: 'const', value: 0 });
      return false;
    case 'ref.func':
      walk.push({ kind: 'const', value: environment.slotAddress(insn.a) | 0 });
      return false;
    case 'table.size':
    case 'memory.size':
      walk.push(unknown);
      return false;
    case 'data.drop':
    case 'elem.drop':
      walk.accesses.close();
      return false;
    case 'block':
    case 'loop':
    case 'if':
      walk.enter(insn, index);
      return false;
    case 'else':
      walk.enterElse(reachable);
      return false;
    case 'end':
      walk.leave(reachable);
      return false;
    case 'br_if': {
      const condition = walk.pop();
      weights.settle(condition);
      walk.branchIf(insn.a, condition);
      return false;
    }
    case 'br_table': {
      const table = walk.pop();
      if (bound(table) < insn.targets.length - 1) walk.foregone.tableChecks.add(index);
      weights.settle(table);
      for (const [depth, share] of sharesOf(insn.targets)) walk.branch(depth, share);
      return true;
    }
    case 'br':
      walk.branch(insn.a, 1);
      return true;
    case 'return':
    case 'unreachable':
      return true;
  }
}

/** How often each target of a branch table is meant, were all of its entries alike. */
function sharesOf(targets: readonly number[]): Map<number, number> {
  const shares = new Map<number, number>();
  for (const depth of targets) shares.set(depth, (shares.get(depth) ?? 0) + 1 / targets.length);
  return shares;
}

/** The element that an indirect call takes: its index, and the address of the elements. */
function tableElement(walk: Walk, insn: Instruction): void {
  walk.weights.settle(walk.pop());
  walk.weights.needConst(walk.environment.table(insn.b).elements);
  walk.accesses.close();
}
