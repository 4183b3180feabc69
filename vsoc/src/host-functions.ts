import type { Isa } from '@fireball/contracts';
import type { FunctionType, HostCallPlan } from '@fireball/jit';
import { valuesOfWords, wordsOfValue, type ReferenceWords, type VsocValue } from './values.js';

/** What a function of the host does: results of the types that it was declared with. It may throw. */
export type HostCall = (args: readonly VsocValue[]) => readonly VsocValue[];

/** CPU state that a system call reads and writes. */
export interface CallState {
  register(name: string): number;
  setRegister(name: string, value: number): void;
  word(address: number): number;
  setWord(address: number, value: number): void;
}

interface Service {
  readonly type: FunctionType;
  readonly plan: HostCallPlan;
  readonly call: HostCall;
}

/** Register that tells which system call is meant. */
const numberRegister = { thumb2: 'r12', rv32: 't2' } as const satisfies Record<Isa, string>;

/**
 * System calls: the only way out of generated code to the host. A stub in code memory loads the
 * service's number, calls the system, pops the stack arguments and returns like any function.
 */
export class SystemCalls {
  private readonly services = new Map<number, Service>();
  private next = 0;

  constructor(
    private readonly isa: Isa,
    private readonly references: ReferenceWords,
    private readonly resultBuffer: number,
  ) {}

  /** Registers a service; returns its number. */
  register(type: FunctionType, plan: HostCallPlan, call: HostCall): number {
    const number = this.next++;
    this.provide(number, type, plan, call);
    return number;
  }

  /** Registers a service under a number that callers know, beyond those that `register` gives out. */
  provide(number: number, type: FunctionType, plan: HostCallPlan, call: HostCall): void {
    this.services.set(number, { type, plan, call });
  }

  /** Carries out the call that stopped the CPU. False where there is none of its number. */
  perform(state: CallState): boolean {
    const service = this.services.get(state.register(numberRegister[this.isa]));
    if (service === undefined) return false;
    const { type, plan, call } = service;
    const sp = state.register('sp');
    const words = plan.arguments.map((place) => ('register' in place ? state.register(place.register) : state.word(sp + place.stack)));
    const results = call(valuesOfWords(type.params, words, this.references)).flatMap((value) => wordsOfValue(value, this.references));
    results.forEach((word, index) => {
      const register = plan.results[index];
      if (register !== undefined) state.setRegister(register, word);
      else state.setWord(this.resultBuffer + 4 * (index - plan.results.length), word);
    });
    return true;
  }
}
