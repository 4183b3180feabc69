/** Operands and conditions in the core's memory. */
import * as machine from '../../core/layout/machine.js';
import { inverse, registersOf, swappedOf, type Condition } from '../../target/conditions.js';
import type { Operand } from '../../target/registers.js';
import { condNumbers, floatCondNumbers, typeNumbers } from '../../target/numbers.js';
import type { MasmRun } from './run.js';

/** Kind and value of an operand. */
export function operandWords(operand: Operand): [kind: number, value: number] {
  return 'reg' in operand ? [machine.register, operand.reg] : [machine.immediate, operand.imm | 0];
}

/** Address of a condition in the core's memory. */
export function addressOf(run: MasmRun, condition: Condition): number {
  const fields: Record<number, number> = conditionFields(condition);
  return run.list(Array.from({ length: machine.conditionStride >> 2 }, (_, index) => fields[4 * index] ?? 0));
}

function conditionFields(condition: Condition): Record<number, number> {
  switch (condition.test) {
    case 'held':
      return { [machine.conditionTest]: machine.heldTest, [machine.conditionHolds]: Number(condition.holds) };
    case 'float':
      return {
        [machine.conditionTest]: machine.floatTest,
        [machine.conditionCode]: floatCondNumbers[condition.cond],
        [machine.conditionHolds]: Number(condition.holds),
        [machine.conditionType]: typeNumbers[condition.type],
        [machine.conditionA]: condition.a,
        [machine.conditionB]: condition.b,
      };
    case 'pair': {
      const { a, b, cond } = condition;
      const isImmediate = 'lowImm' in b;
      return {
        [machine.conditionTest]: machine.pairTest,
        [machine.conditionCode]: condNumbers[cond],
        [machine.conditionA]: a.low,
        [machine.conditionAHigh]: a.high,
        [machine.conditionBKind]: isImmediate ? machine.immediate : machine.register,
        [machine.conditionB]: isImmediate ? b.lowImm : b.low,
        [machine.conditionBHigh]: isImmediate ? b.highImm : b.high,
      };
    }
    case 'compare':
    case 'test': {
      const [kind, value] = operandWords(condition.b);
      return {
        [machine.conditionTest]: condition.test === 'test' ? machine.bitsTest : machine.compareTest,
        [machine.conditionCode]: condNumbers[condition.cond],
        [machine.conditionA]: condition.a,
        [machine.conditionBKind]: kind,
        [machine.conditionB]: value,
      };
    }
  }
}

/** A condition, and its address; sometimes made of its contrary. */
export function drawCondition(run: MasmRun): readonly [Condition, number] {
  const condition = run.condition();
  noteRegisters(run, condition);
  if (!run.draw.chance(3)) return [condition, addressOf(run, condition)];
  const at = addressOf(run, inverse(condition));
  run.core.invert(at);
  return [condition, at];
}

/** Which registers it reads, and what it is with its operands the other way round. */
function noteRegisters(run: MasmRun, condition: Condition): void {
  const [at, reg] = [addressOf(run, condition), run.reg()];
  run.same(registersOf(condition).includes(reg), run.core.readsRegister(at, reg));
  if (condition.test === 'compare') run.same(condNumbers[swappedOf[condition.cond]], run.core.swapped(condNumbers[condition.cond]));
}
