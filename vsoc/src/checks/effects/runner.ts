/** Runs one instance of a template alone, from any state of the registers and a small memory. */
import { seededRandom, patch, type Template } from '@fireball/jit';
import type { CpuBackend, Isa, RunResult } from '@fireball/contracts';
import { createCpu } from '@fireball/emulator';
import { FloatBank } from './float-bank.js';

const codeBase = 0x0200_0000;
const codeBytes = 0x4000;
/** Where instances stand. */
export const instanceAddress = codeBase + 0x1000;
/** Fills code memory: whoever leaves the instance stops there. UDF #254, C.EBREAK. */
const trap = { thumb2: 0xdefe, rv32: 0x9002 } as const satisfies Record<Isa, number>;

/** What a template can load and store. */
export const dataBase = 0x2000_0000;
const dataBytes = 0x5000;

/** General registers: Arm r0-r14, RISC-V x0-x31. */
export const registerCounts = { thumb2: 15, rv32: 32 } as const satisfies Record<Isa, number>;
export const stackPointers = { thumb2: 13, rv32: 2 } as const satisfies Record<Isa, number>;

/** FPSCR.DN: canonical NaNs, as the ABI wants them. */
const defaultNaN = 0x0200_0000;
/** Ends loops; more than a template of any use executes. */
const budget = 2000;

/** Everything that a template can see and change. */
export interface TemplateState {
  /** Signed words, by number. */
  readonly registers: Int32Array;
  /** Bits of s0-s31 (the low words) or f0-f31; on cores without them never looked at. */
  readonly floats: BigUint64Array;
  /** Arm: N, Z, C, V as bits 3 to 0. */
  readonly nzcv: number;
  /** `dataBytes` bytes at `dataBase`. */
  readonly memory: Uint8Array;
}

/** The state behind a run. */
export interface Outcome extends TemplateState {
  /** Where and how the run left the instance. */
  readonly end: string;
  /** No load or store met an address that has no memory: only then the rest says something. */
  readonly isComplete: boolean;
}

/** Runs instances of templates alone on an emulated CPU, and sees everything that they change. */
export class TemplateRunner {
  private readonly cpu: CpuBackend;
  private readonly code: Uint8Array;
  private readonly data: Uint8Array;
  private readonly bank: FloatBank | undefined;
  private readonly names: readonly string[];
  /** What the CPU's registers hold; undefined where unknown. */
  private readonly held: (number | undefined)[];
  private usesFloats = false;

  /** @param hasFloats the core has floating-point registers */
  constructor(
    readonly isa: Isa,
    cpu: string,
    hasFloats: boolean,
  ) {
    this.cpu = createCpu({ isa, cpu });
    this.code = this.cpu.mapRam(codeBase, codeBytes, { read: true, write: false, execute: true });
    this.data = this.cpu.mapRam(dataBase, dataBytes, { read: true, write: true, execute: false });
    this.bank = hasFloats ? new FloatBank(this.cpu) : undefined;
    this.names = Array.from({ length: registerCounts[isa] }, (_, number) => `${isa === 'thumb2' ? 'r' : 'x'}${number}`);
    this.held = this.names.map(() => undefined);
    for (let at = 0; at < codeBytes; at += 2) this.trapAt(at);
  }

  close(): void {
    this.cpu.close();
  }

  /** Puts an instance where `run` starts, and returns its bytes. */
  place(template: Template, values: readonly number[]): Uint8Array {
    const at = instanceAddress - codeBase;
    for (let offset = 0; offset < 0x200; offset += 2) this.trapAt(at + offset);
    patch(this.code, at, template, values);
    this.cpu.invalidateCode(instanceAddress, Math.max(0x200, template.size));
    this.usesFloats = this.bank !== undefined && (template.json.requires.length > 0 || template.operands.some(({ kind }) => kind === 'freg'));
    return this.code.slice(at, at + template.size);
  }

  run(before: TemplateState): Outcome {
    const { cpu, held, isa } = this;
    const bank = this.usesFloats ? this.bank : undefined;
    if (bank !== undefined) {
      bank.load(before.floats);
      held[bank.clobbers] = undefined;
      if (isa === 'thumb2') cpu.writeRegister('fpscr', defaultNaN);
    }
    this.data.set(before.memory);
    this.names.forEach((name, number) => {
      const value = before.registers[number] ?? 0;
      if (held[number] !== value) cpu.writeRegister(name, value);
    });
    if (isa === 'thumb2') cpu.writeRegister('apsr', (before.nzcv << 28) >>> 0);
    const result = cpu.run(instanceAddress, budget);
    const registers = Int32Array.from(this.names, (name, number) => (held[number] = cpu.readRegister(name) | 0));
    const nzcv = isa === 'thumb2' ? cpu.readRegister('apsr') >>> 28 : 0;
    const memory = Uint8Array.from(this.data);
    const floats = bank === undefined ? before.floats : bank.read();
    if (bank !== undefined) held[bank.clobbers] = undefined;
    return { registers, floats, nzcv, memory, ...endOf(result) };
  }

  private trapAt(at: number): void {
    this.code[at] = trap[this.isa] & 0xff;
    this.code[at + 1] = trap[this.isa] >> 8;
  }
}

function endOf({ reason, pc }: RunResult): Pick<Outcome, 'end' | 'isComplete'> {
  const at = `0x${pc.toString(16)}`;
  if (reason.kind !== 'memory-fault') return { end: `${reason.kind === 'exception' ? `exception ${reason.number}` : reason.kind} at ${at}`, isComplete: true };
  if (reason.access === 'fetch') return { end: `jump to 0x${reason.address.toString(16)}`, isComplete: true };
  return { end: `${reason.access} fault at ${at}`, isComplete: false };
}

/** A memory whose words are random, some of them 0. */
export function randomMemory(seed: string): Uint8Array {
  const random = seededRandom(seed);
  const words = Uint32Array.from({ length: dataBytes / 4 }, () => (random() % 8 === 0 ? 0 : random()));
  return new Uint8Array(words.buffer);
}
