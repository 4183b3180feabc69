import type { LocationRecorder } from '../debug/recorder.js';
import type { Instruction } from '../plan/body.js';
import { familyOf, isRoutine, type SpecialOp } from '../plan/ops.js';
import { dropMask, selectAlu, selectDivide, selectRotateLeft, selectUnary } from './arithmetic.js';
import { selectCall, selectCallIndirect, selectReturnCall, selectReturnCallIndirect } from './calls.js';
import { selectBetween, selectCompare, selectEqz, selectInterval, selectTest, takeFromFlags, truthOf } from './compare.js';
import type { Context } from './context.js';
import { branchOnCondition, enterBlock, enterIf, returnFrom, selectBranch, selectBranchTable, selectElse, selectEnd, selectUnreachable } from './control.js';
import { selectFloat, selectSign } from './floats.js';
import { selectLoad, selectStore } from './memory.js';
import { selectPair } from './pairs.js';
import { recountOwners, recounts } from './recount.js';
import { selectRecordOperation, selectRuntime } from './runtime.js';
import { selectDrop, selectMemorySize, selectTableSize } from './tables.js';
import { selectGlobalGet, selectGlobalSet, selectLocalGet, selectLocalSet } from './variables.js';

/** The forward walk over the body. */
export function walk(context: Context, recorder: LocationRecorder | undefined): void {
  const { body } = context.plan;
  let dead = 0;
  for (context.index = 0; context.index < body.length; context.index++) {
    const insn = body[context.index] as Instruction;
    context.masm.wasmOffset = insn.offset;
    if (dead > 0) {
      if (insn.op === 'block' || insn.op === 'loop' || insn.op === 'if') dead++;
      else if (insn.op === 'end') {
        dead--;
        if (dead === 0 && !selectEnd(context, false)) dead = 1;
      } else if (insn.op === 'else' && dead === 1) {
        selectElse(context, false);
        dead = 0;
      }
      continue;
    }
    recorder?.before(context.index, context.inFlags?.local);
    if (step(context, insn)) dead = 1;
    if (recounts) recountOwners(context.state, `after ${insn.op} at offset 0x${insn.offset.toString(16)}`);
  }
}

/** Selects one instruction (and those fused with it). Returns true where the code behind it is unreachable. */
function step(context: Context, insn: Instruction): boolean {
  const { op } = insn;
  const family = familyOf(op);
  switch (family.kind) {
    case 'special':
      return selectSpecial(context, insn, family.op);
    case 'alu':
      if (context.plan.found.isForegone(context.index)) dropMask(context);
      else if (family.op !== 'and' || !(selectInterval(context) || selectTest(context))) selectAlu(context, family.op);
      return false;
    case 'compare':
      selectCompare(context, family.cond);
      return false;
    case 'load':
      selectLoad(context, family.shape, insn.b);
      return false;
    case 'store':
      selectStore(context, family.shape, insn.b);
      return false;
    case 'divide':
      selectDivide(context, family.op);
      return false;
    case 'unary':
      selectUnary(context, family.op);
      return false;
    case 'record':
      selectRecordOperation(context, family.op, insn);
      return false;
    case 'sign':
      selectSign(context, family.operation);
      return false;
    case 'reinterpretation':
      return false;
    case 'pair':
    case 'count':
    case 'float':
    case 'routine':
      if (isRoutine(op, context.masm.isa, context.masm.features, context.state.stack.at(-2)?.kind === 'const')) selectRuntime(context, op);
      else if (family.kind === 'pair') selectPair(context, family.operation);
      else if (family.kind === 'count') selectUnary(context, family.op);
      else if (family.kind === 'float') selectFloat(context, family.operation);
      return false;
  }
}

function selectSpecial(context: Context, insn: Instruction, op: SpecialOp): boolean {
  const { state } = context;
  switch (op) {
    case 'nop':
      return false;
    case 'i32.const':
      state.pushConst(insn.a);
      return false;
    case 'f32.const':
      state.pushConst(insn.a);
      return false;
    case 'i64.const':
    case 'f64.const':
      state.pushConst(insn.a);
      state.pushConst(insn.b, true);
      return false;
    case 'i32.eqz':
      selectEqz(context);
      return false;
    case 'i32.rotl':
      selectRotateLeft(context);
      return false;
    case 'drop': {
      const entry = state.pop();
      state.releaseEntry(entry);
      if (entry.high) state.releaseEntry(state.pop());
      return false;
    }
    case 'select':
    case 'select_t':
      selectBetween(context, truthOf(context, state.pop()));
      return false;
    case 'local.get':
      if (!takeFromFlags(context)) selectLocalGet(context, insn.a);
      return false;
    case 'local.set':
    case 'local.tee':
      selectLocalSet(context, insn.a, op === 'local.tee');
      return false;
    case 'global.get':
      selectGlobalGet(context, insn.a);
      return false;
    case 'global.set':
      selectGlobalSet(context, insn.a);
      return false;
    case 'call':
      selectCall(context, insn.a);
      return false;
    case 'call_indirect':
      selectCallIndirect(context, insn.a, insn.b);
      return false;
    case 'return_call':
      selectReturnCall(context, insn.a);
      return true;
    case 'return_call_indirect':
      selectReturnCallIndirect(context, insn.a, insn.b);
      return true;
    case 'ref.null':
      state.pushConst(0);
      return false;
    case 'ref.is_null':
      selectEqz(context);
      return false;
    case 'ref.func':
      state.pushConst(context.environment.slotAddress(insn.a));
      return false;
    case 'table.size':
      selectTableSize(context, insn.a);
      return false;
    case 'memory.size':
      selectMemorySize(context);
      return false;
    case 'data.drop':
      selectDrop(context, context.environment.dataRecord(insn.a));
      return false;
    case 'elem.drop':
      selectDrop(context, context.environment.elementRecord(insn.a));
      return false;
    case 'block':
    case 'loop':
      enterBlock(context, insn);
      return false;
    case 'if':
      enterIf(context, truthOf(context, state.pop()), insn);
      return false;
    case 'else':
      selectElse(context, true);
      return false;
    case 'end':
      selectEnd(context, true);
      return false;
    case 'br':
      selectBranch(context, insn.a);
      return true;
    case 'br_if':
      branchOnCondition(context, truthOf(context, state.pop()), insn);
      return false;
    case 'br_table':
      selectBranchTable(context, insn.targets);
      return true;
    case 'return':
      returnFrom(context);
      return true;
    case 'unreachable':
      selectUnreachable(context);
      return true;
  }
}
