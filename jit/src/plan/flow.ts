import type { ContextualOpName, OpName } from '@fireball/wasm';

/**
 * What the instructions without a fixed signature do beside taking and giving operands. Those with one do neither: analyses of control
 * flow and locals pass over them.
 */
const effects = {
  unreachable: 'control',
  block: 'control',
  loop: 'control',
  if: 'control',
  else: 'control',
  end: 'control',
  br: 'control',
  br_if: 'control',
  br_table: 'control',
  return: 'control',
  call: 'call',
  call_indirect: 'call',
  return_call: 'call',
  return_call_indirect: 'call',
  'local.get': 'local',
  'local.set': 'local',
  'local.tee': 'local',
  drop: 'none',
  select: 'none',
  select_t: 'none',
  'global.get': 'none',
  'global.set': 'none',
  'table.get': 'none',
  'table.set': 'none',
  'table.grow': 'none',
  'table.fill': 'none',
  'ref.null': 'none',
  'ref.is_null': 'none',
  'ref.func': 'none',
} as const satisfies Readonly<Record<ContextualOpName, 'control' | 'call' | 'local' | 'none'>>;

/** Instructions that transfer control, begin or end where it may go, call something, or name a local. */
type FlowOp = { [Op in ContextualOpName]: (typeof effects)[Op] extends 'none' ? never : Op }[ContextualOpName];

const flowOps: ReadonlySet<string> = new Set(Object.entries(effects).flatMap(([op, effect]) => (effect === 'none' ? [] : [op])));

export function isFlow(op: OpName): op is FlowOp {
  return flowOps.has(op);
}

/** Does it call a function, one that returns to another caller too? */
export function isCall(op: OpName): boolean {
  return isFlow(op) && effects[op] === 'call';
}
