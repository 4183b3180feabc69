import type { CodeReader } from './code-reader.js';
import type { DecodedInstruction, StackStep } from './instruction.js';

/** What is known of the stack in front of an instruction. Offsets are from sp as it was when the function was called. */
export interface StackState {
  /** Of sp now; not above 0 but where stack arguments were popped. */
  readonly sp: number;
  /** Where the caller's registers are, by register. */
  readonly saved: ReadonlyMap<number, number>;
  /** Registers that hold a constant, or a place of the stack. */
  readonly known: ReadonlyMap<number, { readonly constant: number } | { readonly stack: number }>;
}

/** What the code's caller knows of it. */
interface UnwindQuestion {
  /** Addresses with what holds there. */
  readonly roots: ReadonlyMap<number, StackState>;
  /** sp behind a call; undefined: as before it. */
  readonly behindCall?: (call: DecodedInstruction) => number | undefined;
  /** What holds where no way leads to. */
  readonly otherwise: StackState | undefined;
  /** The registers that a caller finds again. */
  readonly kept: ReadonlySet<number>;
}

export const atEntry: StackState = { sp: 0, saved: new Map(), known: new Map() };

/**
 * Follows all ways through code from its roots on: what is on the stack in front of each instruction, as its machine code says. Where ways meet, the
 * first one counts: code that can be unwound at all has the same on all.
 */
export function stackStates(code: CodeReader, begin: number, end: number, question: UnwindQuestion): ReadonlyMap<number, StackState> {
  const states = new Map<number, StackState>();
  const follow = (root: number, state: StackState): void => {
    const waiting: [number, StackState][] = [[root, state]];
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const [address] = next;
      if (address < begin || address >= end || states.has(address)) continue;
      const instruction = code.at(address);
      if (instruction === undefined) continue;
      const before = question.roots.get(address) ?? next[1];
      states.set(address, before);
      for (const way of ways(instruction, before, question)) waiting.push(way);
    }
  };
  for (const [root, state] of question.roots) follow(root, state);
  let last = question.otherwise;
  for (const { address } of code.all(begin, end)) {
    const state = states.get(address);
    if (state === undefined) follow(address, question.otherwise ?? last ?? atEntry);
    last = states.get(address) ?? last;
  }
  return states;
}

function* ways(instruction: DecodedInstruction, before: StackState, question: UnwindQuestion): Generator<[number, StackState]> {
  const { address, size, flow, conditional } = instruction;
  const after = conditional && flow.kind === 'leave' ? before : advance(instruction, before, question.kept);
  switch (flow.kind) {
    case 'next':
      yield [address + size, after];
      break;
    case 'branch':
      if (flow.conditional || conditional) yield [address + size, after];
      yield [flow.target, after];
      break;
    case 'call': {
      const sp = question.behindCall?.(instruction);
      yield [address + size, { sp: sp ?? after.sp, saved: after.saved, known: new Map() }];
      break;
    }
    case 'leave':
      if (conditional) yield [address + size, before];
  }
}

/** What holds behind an instruction. */
export function advance({ stack, writes }: DecodedInstruction, before: StackState, kept: ReadonlySet<number>): StackState {
  const saved = new Map(before.saved);
  const known = new Map(before.known);
  for (const register of writes) known.delete(register);
  const put = (register: number, offset: number): void => {
    if (kept.has(register) && !saved.has(register)) saved.set(register, offset);
  };
  const get = (register: number, offset: number): void => {
    if (saved.get(register) === offset) saved.delete(register);
  };
  let { sp } = before;
  const of = (register: number): { readonly constant: number } | { readonly stack: number } | undefined => before.known.get(register);
  const plus = (register: number, value: number): { readonly constant: number } | { readonly stack: number } | undefined => {
    const source = of(register);
    if (source === undefined) return undefined;
    return 'constant' in source ? { constant: (source.constant + value) | 0 } : { stack: source.stack + value };
  };
  switch (stack.kind) {
    case 'none':
      break;
    case 'move':
      sp += stack.bytes;
      break;
    case 'move by': {
      const by = of(stack.register);
      if (by !== undefined && 'constant' in by) sp += stack.sign * by.constant;
      break;
    }
    case 'set': {
      const to = plus(stack.register, stack.bytes);
      if (to !== undefined && 'stack' in to) sp = to.stack;
      break;
    }
    case 'copy':
      known.set(stack.register, { stack: sp + stack.bytes });
      break;
    case 'push':
      sp -= 4 * stack.registers.length + stack.extra;
      stack.registers.forEach((register, index) => {
        put(register, sp + 4 * index);
      });
      break;
    case 'pop':
      stack.registers.forEach((register, index) => {
        get(register, sp + 4 * index);
      });
      sp += 4 * stack.registers.length + stack.extra;
      break;
    case 'store':
      put(stack.register, sp + stack.offset);
      break;
    case 'load':
      get(stack.register, sp + stack.offset);
      break;
    default:
      setConstant(stack, known, plus);
  }
  return { sp, saved, known };
}

function setConstant(
  stack: Extract<StackStep, { kind: 'constant' | 'upper half' | 'add constant' }>,
  known: Map<number, { readonly constant: number } | { readonly stack: number }>,
  plus: (register: number, value: number) => { readonly constant: number } | { readonly stack: number } | undefined,
): void {
  switch (stack.kind) {
    case 'constant':
      known.set(stack.register, { constant: stack.value | 0 });
      break;
    case 'upper half': {
      const low = plus(stack.register, 0);
      if (low !== undefined && 'constant' in low) known.set(stack.register, { constant: (low.constant & 0xffff) | (stack.value << 16) });
      break;
    }
    case 'add constant': {
      const sum = plus(stack.of, stack.value);
      if (sum !== undefined) known.set(stack.register, sum);
    }
  }
}
