import { localSet, localTee, node, type Node } from '../tree.js';
import type { Choices, FunctionGenerator, StatementMaker } from './function.js';
import type { ModulePlan } from './plan.js';
import type { Profile } from './profile.js';

/** A value for a local. */
export function assign(generator: FunctionGenerator): Node[] {
  const type = generator.anyType();
  const value = generator.value(type);
  return [localSet(generator.writableLocal(type), value)];
}

/** One value for two locals. */
function assignTee(generator: FunctionGenerator): Node[] {
  const type = generator.anyType();
  const value = generator.value(type);
  return [localSet(generator.writableLocal(type), localTee(generator.writableLocal(type), type, value))];
}

function setGlobal(generator: FunctionGenerator): Node[] | undefined {
  const { globals } = generator.plan;
  const mutable = globals.flatMap((global, index) => (global.mutable ? [index] : []));
  if (mutable.length === 0) return undefined;
  const index = generator.random.pick(mutable);
  return [node('global.set', [generator.value(globals[index]!.type)], [], { a: index })];
}

export function assignmentStatements({ globals }: ModulePlan, { assignments }: Profile): Choices<StatementMaker> {
  return [
    [assignments, assign],
    [assignments, assignTee],
    [globals.length > 0 ? 2 : 0, setGlobal],
  ];
}
