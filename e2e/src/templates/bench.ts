/** Runs instances of one template on an emulated CPU and compares everything with the model. */
import type { CpuBackend, Isa, RunResult } from '@fireball/contracts';
import { createCpu } from '@fireball/emulator';
import { featuresOf, patch, seededRandom, type Features, type Template, type TemplateSet } from '@fireball/jit';
import { boundaries, randomOperands } from '../rom/operands.js';
import { FloatBank } from './float-bank.js';
import { pick, planInstances, type Instance } from './instances.js';
import { Execution, type TemplateModel } from './model.js';
import {
  codeBase,
  codeSize,
  dataBase,
  dataSize,
  floatCount,
  flagsOf,
  initialSp,
  instanceAddress,
  lr,
  MachineState,
  nzcvOf,
  registerCounts,
  sp,
} from './state.js';
import { boundaryWords } from './values.js';

/** What fills code memory: a trap in every half-word. UDF #254 and C.EBREAK. */
const trapHalfword = { thumb2: 0xdefe, rv32: 0x9002 } as const satisfies Record<Isa, number>;
/** FPSCR.DN, and all its modes: AHP, DN, FZ, RMode (Armv7-M ARM, A2.5.3). */
const defaultNaN = 0x0200_0000;
const modeBits = 0x07c0_0000;
/** More instructions than any template has; a branch to itself ends by it. */
const budget = 24;

export interface CheckOptions {
  /** Runs per template; every instance runs a few times in any case. */
  readonly runs: number;
}

export interface Check {
  readonly instances: number;
  readonly runs: number;
  /** The first difference, as text; undefined if there is none. */
  readonly failure: string | undefined;
}

export class TemplateBench {
  private readonly cpu: CpuBackend;
  private readonly code: Uint8Array;
  private readonly data: Uint8Array;
  private readonly state: MachineState;
  private readonly features: Features;
  private readonly floats: FloatBank | undefined;
  /** Contents of the CPU's registers; undefined where unknown. */
  private readonly known: (number | undefined)[];
  private readonly registerNames: readonly string[];

  constructor(
    readonly isa: Isa,
    cpuName: string,
    private readonly set: TemplateSet,
  ) {
    this.cpu = createCpu({ isa, cpu: cpuName });
    this.code = this.cpu.mapRam(codeBase, codeSize, { read: true, write: false, execute: true });
    this.data = this.cpu.mapRam(dataBase, dataSize, { read: true, write: true, execute: false });
    this.state = new MachineState(isa);
    const random = seededRandom('data');
    this.state.memory.forEach((_, index) => (this.state.memory[index] = random()));
    this.registerNames = Array.from({ length: registerCounts[isa] }, (_, n) => `${isa === 'thumb2' ? 'r' : 'x'}${n}`);
    this.known = this.registerNames.map(() => undefined);
    this.features = featuresOf(isa, cpuName);
    this.floats = this.features.size > 0 ? new FloatBank(this.cpu) : undefined;
    this.fillTraps(codeBase, codeSize);
  }

  /** Has the core what the template requires? */
  has(template: Template): boolean {
    return template.json.requires.every((word) => (this.features as ReadonlySet<string>).has(word));
  }

  close(): void {
    this.cpu.close();
  }

  /** @param instances those of `planInstances`, where they are known already */
  check(template: Template, model: TemplateModel, options: CheckOptions, instances?: readonly Instance[]): Check {
    const random = seededRandom(`${this.isa} ${template.name}`);
    const planned = instances ?? planInstances(template, model, random);
    let runs = 0;
    for (const [index, values] of planned.entries()) {
      const place = this.place(template, model, values, index);
      try {
        for (const content of registerContents(template, values, Math.ceil(options.runs / planned.length), random)) {
          runs++;
          const failure = this.runOnce(template, model, values, place, content, runs, random);
          if (failure !== undefined) return { instances: planned.length, runs, failure };
        }
      } finally {
        this.fillTraps(place.start, place.end - place.start);
      }
    }
    return { instances: planned.length, runs, failure: undefined };
  }

  private place(template: Template, model: TemplateModel, values: Instance, index: number): Place {
    const preamble = model.preamble?.(this.set) ?? new Uint8Array(0);
    const following = model.following?.(this.set) ?? new Uint8Array(0);
    const address = instanceAddress + (template.alignment === 2 ? 2 * (index & 1) : 0);
    const start = address - preamble.length;
    const end = address + template.size + following.length;
    this.code.set(preamble, start - codeBase);
    patch(this.code, address - codeBase, template, values);
    this.code.set(following, address + template.size - codeBase);
    this.cpu.invalidateCode(start, end - start);
    const names = [...template.json.outputs, ...template.json.clobbers];
    const isFloat = (name: string): boolean => name === scratchFloat || template.operands.some((operand) => operand.name === name && operand.kind === 'freg');
    const registers = new Set(names.filter((name) => !isFloat(name)).flatMap((name) => registersNamed(template, values, name)));
    const floats = new Set(names.filter(isFloat).map((name) => (name === scratchFloat ? 31 : (values[template.operandIndex(name)] ?? 0))));
    return { start, address, end, declared: { registers, floats, flags: names.includes('flags') } };
  }

  private runOnce(
    template: Template,
    model: TemplateModel,
    values: Instance,
    place: Place,
    content: ReadonlyMap<number, number>,
    round: number,
    random: () => number,
  ): string | undefined {
    const { state } = this;
    const execution = new Execution(template, values, state, place.address);
    state.exit = { kind: 'next' };
    for (let number = 0; number < state.registers.length; number++)
      state.setRegister(number, content.get(number) ?? ((number * 0x0101_0101) ^ 0x5a00_00a5) | 0);
    if (this.isa === 'thumb2') state.setRegister(sp, initialSp);
    state.flags = flagsOf((round * 7) & 15);
    const bank = template.operands.some(({ kind }) => kind === 'freg') ? this.floats : undefined;
    fillFloats(state, model.floats ?? 'f32', random);
    model.prepare?.(execution, random);
    this.load(bank);
    const hasModes = this.isa === 'thumb2' && this.floats !== undefined;
    if (hasModes) this.cpu.writeRegister('fpscr', model.modes ?? defaultNaN);
    const floatsBefore = BigUint64Array.from(state.floats);
    const before = Int32Array.from(state.registers);
    const flagsBefore = nzcvOf(state.flags);
    model.run(execution);
    const result = this.cpu.run(place.start, budget);
    const differences = [
      ...this.compare(place, template, result),
      ...(hasModes && (this.cpu.readRegister('fpscr') & modeBits) !== defaultNaN ? ['FPSCR has other modes'] : []),
      ...this.compareFloats(bank),
      ...undeclaredChanges(place, state, before, flagsBefore),
      ...undeclaredFloats(place, state, floatsBefore),
    ];
    if (differences.length === 0) return undefined;
    const operands = template.operands.map((operand, index) => `${operand.name}=${values[index]}`).join(' ');
    const registers = template.operands
      .flatMap((operand, index) => (operand.kind === 'reg' ? [`${operand.name}: ${hex(before[values[index] ?? 0] ?? 0)}`] : []))
      .join(', ');
    const singles = template.operands
      .flatMap((operand, index) => (operand.kind === 'freg' ? [`, ${operand.name}: 0x${(floatsBefore[values[index] ?? 0] ?? 0n).toString(16)}`] : []))
      .join('');
    return `${template.name} ${operands}; before: ${registers}${singles} nzcv=${flagsBefore}; ${differences.join('; ')}`;
  }

  /** Brings the CPU to the model's state. */
  private load(bank: FloatBank | undefined): void {
    const { cpu, state, known } = this;
    if (bank !== undefined) {
      bank.load(state.floats);
      known[bank.clobbers] = undefined;
    }
    this.data.set(state.memory);
    this.registerNames.forEach((name, number) => {
      const value = state.register(number);
      if (known[number] !== value) cpu.writeRegister(name, value);
      known[number] = value;
    });
    if (this.isa === 'thumb2') cpu.writeRegister('apsr', (nzcvOf(state.flags) << 28) >>> 0);
  }

  private compare(place: Place, template: Template, result: RunResult): string[] {
    const { cpu, state, known } = this;
    const differences: string[] = [];
    this.registerNames.forEach((name, number) => {
      const actual = cpu.readRegister(name) | 0;
      known[number] = actual;
      const expected = state.register(number);
      if (actual !== expected) differences.push(`${name} is ${hex(actual)}, ${hex(expected)} expected`);
    });
    if (this.isa === 'thumb2') {
      const actual = cpu.readRegister('apsr') >>> 28;
      const expected = nzcvOf(state.flags);
      if (actual !== expected) differences.push(`nzcv is ${actual}, ${expected} expected`);
    }
    if (Buffer.compare(this.data, state.memory) !== 0) differences.push('memory differs');
    const ending = this.describeEnd(place, result);
    const expected = this.expectedEnd(place, template);
    if (ending !== expected) differences.push(`ends with ${ending}, ${expected} expected`);
    return differences;
  }

  private compareFloats(bank: FloatBank | undefined): string[] {
    if (bank === undefined) return [];
    const actual = bank.read();
    this.known[bank.clobbers] = undefined;
    return [...this.state.floats].flatMap((expected, number) =>
      holds(actual[number] ?? 0n, expected) ? [] : [`float ${number} is 0x${actual[number]?.toString(16)}, 0x${expected.toString(16)} expected`],
    );
  }

  private expectedEnd(place: Place, template: Template): string {
    const { exit } = this.state;
    switch (exit.kind) {
      case 'next':
        return `trap at ${hex(place.address + template.size)}`;
      case 'trap':
        return `trap${exit.immediate === undefined ? '' : ` ${exit.immediate}`} at ${hex(place.address + exit.offset)}`;
      case 'fault':
        return `${exit.access} at ${hex(exit.address)}`;
      case 'exception':
        return `exception ${exit.number}${exit.immediate === undefined ? '' : ` ${exit.immediate}`} at ${hex(place.address + exit.offset)}`;
      case 'jump': {
        const { target } = exit;
        if (target >= place.address && target < place.address + template.size) return `loop at ${hex(target)}`;
        return `${target >= codeBase && target < codeBase + codeSize ? 'trap' : 'fetch'} at ${hex(target)}`;
      }
    }
  }

  private describeEnd(place: Place, { reason, pc }: RunResult): string {
    switch (reason.kind) {
      case 'invalid-instruction':
        return `trap${pc >= place.start && pc < place.end ? this.trapImmediate(pc) : ''} at ${hex(pc)}`;
      case 'memory-fault':
        return `${reason.access} at ${hex(reason.address)}`;
      case 'exception':
        return `exception ${reason.number}${this.isa === 'thumb2' ? this.trapImmediate(pc - 2) : ''} at ${hex(pc)}`;
      case 'budget':
        return `loop at ${hex(pc)}`;
      default:
        return `${reason.kind} at ${hex(pc)}`;
    }
  }

  /** Which trap: the number of an Arm UDF or SVC; on RISC-V whether it is C.EBREAK, not another illegal instruction. */
  private trapImmediate(pc: number): string {
    const low = this.code[pc - codeBase] ?? 0;
    if (this.isa === 'thumb2') return ` ${low}`;
    return (low | ((this.code[pc - codeBase + 1] ?? 0) << 8)) === trapHalfword.rv32 ? '' : ' of another instruction';
  }

  private fillTraps(address: number, size: number): void {
    const trap = trapHalfword[this.isa];
    for (let offset = address - codeBase; offset < address - codeBase + size; offset += 2) {
      this.code[offset] = trap & 0xff;
      this.code[offset + 1] = trap >> 8;
    }
    this.cpu.invalidateCode(address, size);
  }
}

const fixedRegisters: Readonly<Record<string, readonly number[]>> = {
  'thumb2 sp': [sp],
  'thumb2 lr': [lr],
  'thumb2 r0': [0],
  'thumb2 r12': [12],
  'rv32 ra': [1],
  'rv32 sp': [2],
  'rv32 t1': [6],
  'rv32 t2': [7],
};

/** Registers behind a name of the contract: an operand, a list of them, or a fixed one. Flags and memory are none. */
function registersNamed(template: Template, values: Instance, name: string): readonly number[] {
  const index = template.operands.findIndex((operand) => operand.name === name);
  if (index < 0) return fixedRegisters[`${template.json.arch === 'arm-thumb2' ? 'thumb2' : 'rv32'} ${name}`] ?? [];
  const value = values[index] ?? 0;
  return template.operands[index]?.kind === 'reglist' ? [...Array(16).keys()].filter((number) => (value >> number) & 1) : [value];
}

interface Place {
  /** Where the run begins. */
  readonly start: number;
  readonly address: number;
  readonly end: number;
  /** What the template's metadata says that it changes. */
  readonly declared: { readonly registers: ReadonlySet<number>; readonly floats: ReadonlySet<number>; readonly flags: boolean };
}

/** Changes that the metadata does not speak of: a selector would keep values there. */
function undeclaredChanges({ declared }: Place, state: MachineState, before: Int32Array, flagsBefore: number): string[] {
  const differences: string[] = [];
  for (let number = 0; number < before.length; number++)
    if (state.registers[number] !== before[number] && !declared.registers.has(number))
      differences.push(`register ${number} changes, but is no declared output`);
  if (!declared.flags && nzcvOf(state.flags) !== flagsBefore) differences.push('flags change, but are not declared');
  return differences;
}

function undeclaredFloats({ declared }: Place, { floats }: MachineState, before: BigUint64Array): string[] {
  return [...before].flatMap((bits, number) => (floats[number] === bits || declared.floats.has(number) ? [] : [`float ${number} changes, but is no declared output`]));
}

/** Unicorn leaves zeros above the single that an instruction makes, where NaN boxing wants ones: QEMU is the judge of those (hazard 2). */
function holds(actual: bigint, expected: bigint): boolean {
  return actual === expected || (expected >> 32n === 0xffff_ffffn && actual === BigInt.asUintN(32, expected));
}

/** The one floating-point register that templates name as scratch. */
const scratchFloat = 'f31';

/** A signalling one with a payload. */
const specialNaN = { f32: 0xffa0_0001n, f64: 0xfff4_0000_0000_0001n } as const;

/** A few values for all registers, related to each other: near ones, equal ones, opposites, zeros of both signs, NaNs. */
function fillFloats(state: MachineState, type: 'f32' | 'f64', random: () => number): void {
  const signOf = type === 'f32' ? 1n << 31n : 1n << 63n;
  const [a = 0, b = 0] = random() % 2 === 0 ? randomOperands(random, [type, type]) : [pick(boundaries[type], random), pick(boundaries[type], random)];
  const special = random() % 8;
  const first = special === 0 ? 0n : special === 1 ? specialNaN[type] : BigInt(a);
  const values = [first, first, first ^ signOf, BigInt(b), BigInt(b)];
  for (let number = 0; number < floatCount; number++) {
    const bits = BigInt.asUintN(64, pick(values, random));
    if (type === 'f32') state.setSingle(number, Number(bits));
    else state.floats[number] = bits;
  }
}

const leastRounds = 4;
/** Each state of the flags once; stack pointers and memory differ from round to round too. */
const roundsWithoutRegisters = 16;

const hex = (value: number): string => `0x${(value >>> 0).toString(16)}`;

/**
 * Contents of the instance's registers: all combinations of boundary values for up to two
 * registers where `rounds` allows, otherwise a random choice of boundary and random values.
 */
function* registerContents(
  template: Template,
  values: Instance,
  rounds: number,
  random: () => number,
): Generator<ReadonlyMap<number, number>> {
  const named = template.operands.flatMap((operand, index) => (operand.kind === 'reg' ? [values[index] ?? 0] : []));
  const registers = [...new Set(named)];
  const combinations = boundaryWords.length ** registers.length;
  const complete = registers.length > 0 && combinations <= rounds;
  const hasFloats = template.operands.some(({ kind }) => kind === 'freg');
  const count = registers.length === 0 && !hasFloats ? roundsWithoutRegisters : Math.max(leastRounds, rounds);
  for (let round = 0; round < (complete ? combinations : count); round++) {
    let rest = round;
    yield new Map(
      registers.map((number) => {
        const boundary = boundaryWords[rest % boundaryWords.length] ?? 0;
        rest = Math.floor(rest / boundaryWords.length);
        if (complete) return [number, boundary];
        return [number, random() % 4 === 0 ? random() | 0 : pick(boundaryWords, random)];
      }),
    );
  }
}
