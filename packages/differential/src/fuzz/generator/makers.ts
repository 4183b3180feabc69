import { pointerSetup } from './addresses.js';
import { assign, assignmentStatements } from './assignments.js';
import { callStatements, callValue } from './calls.js';
import { controlStatements, controlValue } from './control.js';
import { floatMakers } from './floats.js';
import type { Makers } from './function.js';
import { i32Makers, i64Makers } from './integers.js';
import { memoryStatements } from './memory.js';
import type { ModulePlan } from './plan.js';
import type { Profile } from './profile.js';
import { tableStatements } from './tables.js';

/** The table of all makers; only here do they come together, so that none of them imports the generator that calls it. */
export function makersOf(plan: ModulePlan, profile: Profile): Makers {
  return {
    values: {
      i32: i32Makers(plan, profile),
      i64: i64Makers(plan, profile),
      f32: floatMakers('f32', plan, profile),
      f64: floatMakers('f64', plan, profile),
      funcref: [],
      externref: [],
    },
    anyValue: [controlValue, callValue],
    statements: [
      ...assignmentStatements(plan, profile),
      ...memoryStatements(plan, profile),
      ...controlStatements(plan, profile),
      ...callStatements(plan, profile),
      ...tableStatements(plan),
    ],
    assignment: assign,
    opening: pointerSetup,
  };
}
