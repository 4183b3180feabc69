import { UnsupportedError, type CpuBackend, type Isa } from '@fireball/contracts';
import { hostCallPlan, systemCallStub, type EntryRange, type HostCallPlan, type Routine, type TemplateSet } from '@fireball/jit';
import { Trap, type FunctionType, type TrapKind } from '@fireball/wasm';
import type { CodeMemory } from '../chip/code-memory.js';
import type { DataMemory } from '../chip/data-memory.js';
import type { HostWrites } from '../chip/host-writes.js';
import { valuesOfWords, wordsOfValue, type ReferenceWords, type VsocValue } from './values.js';

/**
 * What a function of the host does: results of the types that it was declared with. Throwing a `Trap` traps; other errors pass
 * through the call unchanged.
 */
export type HostCall = (args: readonly VsocValue[]) => readonly VsocValue[];

interface Service {
  readonly type: FunctionType;
  readonly plan: HostCallPlan;
  readonly call: HostCall;
  /** The stub that alone may ask for it; absent where firmware does, from anywhere. */
  readonly stub?: EntryRange;
}

/** Register that tells which system call is meant. */
const numberRegister = { thumb2: 'r12', rv32: 't2' } as const satisfies Record<Isa, string>;

interface SystemCallInputs {
  readonly cpu: CpuBackend;
  readonly dataMemory: DataMemory;
  readonly hostWrites: HostWrites;
  readonly templates: TemplateSet;
  /** Where stubs go. */
  readonly stubMemory: CodeMemory;
  readonly references: ReferenceWords;
  readonly resultBuffer: number;
  /** There is no host that generated code could call. */
  readonly freestanding: boolean;
}

/**
 * System calls: the only way out of generated code to the host. A stub in code memory loads the
 * service's number, calls the system, pops the stack arguments and returns like any function.
 */
export class SystemCalls {
  private readonly services = new Map<number, Service>();
  private next = 0;
  /** Calls that the host has carried out. */
  performed = 0;
  private trapped: TrapKind | undefined;

  constructor(private readonly inputs: SystemCallInputs) {}

  /**
   * Installs a stub that calls the host; returns where it lies in code memory.
   * @throws UnsupportedError on a freestanding system
   */
  install(type: FunctionType, call: HostCall, stubOf: (templates: TemplateSet, number: number, stackBytes: number) => Routine = systemCallStub): EntryRange {
    const { cpu, templates, stubMemory, freestanding } = this.inputs;
    if (freestanding) throw new UnsupportedError('functions of the host on a system without one');
    const number = this.next++;
    const plan = hostCallPlan(type, cpu.isa);
    const code = stubOf(templates, number, plan.stackBytes);
    const { region } = stubMemory.install(code.size, (address) => ({ bytes: code.linkAt(address) }));
    const stub = { begin: region.address, end: region.address + region.size };
    this.services.set(number, { type, plan, call, stub });
    return stub;
  }

  /** A service under a number that its callers know, beyond those of stubs. */
  provide(number: number, type: FunctionType, call: HostCall): void {
    this.services.set(number, { type, plan: hostCallPlan(type, this.inputs.cpu.isa), call });
  }

  /** The trap by which the last function of the host ended the guest's call, once. */
  takeTrap(): TrapKind | undefined {
    const kind = this.trapped;
    this.trapped = undefined;
    return kind;
  }

  /**
   * Carries out the call that stopped the CPU. False where there is none of its number, and where it traps. What is meant for
   * generated code is nothing for firmware that makes a call of the same number.
   * @param pc where the caller goes on
   */
  perform(pc: number): boolean {
    const { cpu, dataMemory, hostWrites, references, resultBuffer } = this.inputs;
    const register = (name: string): number => cpu.readRegister(name) >>> 0;
    const service = this.services.get(register(numberRegister[cpu.isa]));
    if (service === undefined) return false;
    const { type, plan, call, stub } = service;
    if (stub !== undefined && (pc < stub.begin || pc >= stub.end)) return false;
    const sp = register('sp');
    const words = plan.arguments.map((place) => ('register' in place ? register(place.register) : dataMemory.readWord(sp + place.stack)));
    const results = this.resultsOf(call, valuesOfWords(type.params, words, references));
    this.performed++;
    if (results === undefined) return false;
    results
      .flatMap((value) => wordsOfValue(value, references))
      .forEach((word, index) => {
        const name = plan.results[index];
        if (name !== undefined) hostWrites.register(name, word >>> 0);
        else dataMemory.writeWord(resultBuffer + 4 * (index - plan.results.length), word);
      });
    return true;
  }

  private resultsOf(call: HostCall, args: readonly VsocValue[]): readonly VsocValue[] | undefined {
    try {
      return call(args);
    } catch (error) {
      if (!(error instanceof Trap)) throw error;
      this.trapped = error.kind;
      return undefined;
    }
  }
}
