/** Runs instances of one template on an emulated CPU and compares everything with the model. */
import type { CpuBackend, Isa, RunResult } from '@fireball/contracts';
import { createCpu } from '@fireball/emulator';
import { featuresOf, patch, seededRandom, type Features, type Template, type TemplateSet } from '@fireball/jit';
import { FloatBank } from '@fireball/vsoc';
import { fillFloats, registerContents } from './contents.js';
import { declaredChanges, undeclaredChanges, type Declared } from './declared.js';
import { actualEnding, expectedEnding } from './ending.js';
import { planInstances, type Instance } from './instances.js';
import { Execution, type TemplateModel } from './model.js';
import {
  codeBase,
  codeSize,
  dataBase,
  dataSize,
  flagsOf,
  hex,
  initialSp,
  instanceAddress,
  MachineState,
  nzcvOf,
  registerCounts,
  sp,
  trapHalfword,
  type Snapshot,
} from './state.js';

/** FPSCR.DN, and all its modes: AHP, DN, FZ, RMode (Armv7-M ARM, A2.5.3). */
const defaultNaN = 0x0200_0000;
const modeBits = 0x07c0_0000;
/** More instructions than any template has; a branch to itself ends by it. */
const budget = 24;

interface CheckOptions {
  /** Runs per template; every instance runs a few times in any case. */
  readonly runs: number;
}

interface Check {
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
    return { start, address, end, declared: declaredChanges(template, values) };
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
    const before = state.snapshot();
    model.run(execution);
    const result = this.cpu.run(place.start, budget);
    const differences = [
      ...this.compare(place, template, result),
      ...(hasModes && (this.cpu.readRegister('fpscr') & modeBits) !== defaultNaN ? ['FPSCR has other modes'] : []),
      ...this.compareFloats(bank),
      ...undeclaredChanges(place.declared, state, before),
    ];
    return differences.length === 0 ? undefined : `${describeRun(template, values, before)}; ${differences.join('; ')}`;
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
    const actual = actualEnding(this.isa, this.code, place, result);
    const expected = expectedEnding(state.exit, place.address, template.size);
    if (actual !== expected) differences.push(`ends with ${actual}, ${expected} expected`);
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

  private fillTraps(address: number, size: number): void {
    const trap = trapHalfword[this.isa];
    for (let offset = address - codeBase; offset < address - codeBase + size; offset += 2) {
      this.code[offset] = trap & 0xff;
      this.code[offset + 1] = trap >> 8;
    }
    this.cpu.invalidateCode(address, size);
  }
}

interface Place {
  /** Where the run begins. */
  readonly start: number;
  readonly address: number;
  readonly end: number;
  readonly declared: Declared;
}

/** The instance, and what its operands were before. */
function describeRun(template: Template, values: Instance, before: Snapshot): string {
  const operands = template.operands.map((operand, index) => `${operand.name}=${values[index]}`).join(' ');
  const registers = template.operands
    .flatMap((operand, index) => (operand.kind === 'reg' ? [`${operand.name}: ${hex(before.registers[values[index] ?? 0] ?? 0)}`] : []))
    .join(', ');
  const floats = template.operands
    .flatMap((operand, index) => (operand.kind === 'freg' ? [`, ${operand.name}: 0x${(before.floats[values[index] ?? 0] ?? 0n).toString(16)}`] : []))
    .join('');
  return `${template.name} ${operands}; before: ${registers}${floats} nzcv=${before.nzcv}`;
}

/** Unicorn leaves zeros above the single that an instruction makes, where NaN boxing wants ones: QEMU is the judge of those (hazard 2). */
function holds(actual: bigint, expected: bigint): boolean {
  return actual === expected || (expected >> 32n === 0xffff_ffffn && actual === BigInt.asUintN(32, expected));
}
