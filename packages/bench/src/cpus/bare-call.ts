import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { hex, InternalError, writeOutputFile, type CpuBackend, type Isa } from '@fireball/contracts';
import { NativeProgram } from '../native-program.js';

const source = fileURLToPath(new URL('../../native/bare-call.cc', import.meta.url));

/** What a call begins with. */
export interface CallStart {
  readonly isa: Isa;
  readonly pc: number;
  /** Where it returns to. */
  readonly until: number;
  readonly registers: readonly number[];
  readonly regions: readonly { readonly base: number; readonly bytes: Uint8Array; readonly isCode: boolean }[];
}

const registerNames: Readonly<Record<Isa, readonly string[]>> = {
  thumb2: [...Array.from({ length: 13 }, (_, n) => `r${n}`), 'sp', 'lr'],
  rv32: Array.from({ length: 31 }, (_, n) => `x${n + 1}`),
};

/** As `registerNames` has them. */
const resultRegisters: Readonly<Record<Isa, string>> = { thumb2: 'r0', rv32: 'x10' };

/** Addresses of which something may be mapped: what is, begins at `base` and has no gap. */
interface Place {
  readonly base: number;
  readonly size: number;
  readonly isCode: boolean;
}

/** The state of a CPU in front of a call. */
export function captureCall(cpu: CpuBackend, pc: number, until: number, places: readonly Place[]): CallStart {
  return {
    isa: cpu.isa,
    pc,
    until,
    // What an earlier call returned is not this one's result.
    registers: registerNames[cpu.isa].map((name) => (name === resultRegisters[cpu.isa] ? 0 : cpu.readRegister(name))),
    regions: places.map((place) => ({ base: place.base, bytes: mappedBytes(cpu, place), isCode: place.isCode })).filter(({ bytes }) => bytes.length > 0),
  };
}

const pageBytes = 0x1000;

function mappedBytes(cpu: CpuBackend, { base, size }: Place): Uint8Array {
  const pages: Uint8Array[] = [];
  for (let address = base; address < base + size; address += pageBytes) {
    try {
      pages.push(cpu.readMemory(address, pageBytes));
    } catch {
      break;
    }
  }
  return Buffer.concat(pages);
}

/** libunicorn alone: a program in C++ that makes such a call again and again, without a hook. */
export class BareCall {
  readonly #program = new NativeProgram(source);

  /** Seconds of the fastest of `passes` calls. @throws InternalError where a call ends otherwise, or not with `result` in the first register */
  seconds({ isa, pc, until, registers, regions }: CallStart, passes: number, result: number): number {
    const memory = join(this.#program.folder, 'memory');
    writeOutputFile(memory, Buffer.concat(regions.map(({ bytes }) => bytes)));
    const words = [pc, until, passes].map((value) => value.toString(16));
    const places = regions.map(({ base, bytes, isCode }) => `${base.toString(16)}+${bytes.length.toString(16)}+${isCode ? 'x' : 'w'}`);
    const args = [isa === 'thumb2' ? 'cortex-m4' : 'rv32', ...words, memory, registers.map((value) => value.toString(16)).join(','), ...places];
    const { stdout, stderr } = spawnSync(this.#program.file, args, { encoding: 'utf8' });
    const [seconds = NaN, found = NaN] = stdout.split(' ').map(Number);
    if (found !== result) throw new InternalError(`${args.join(' ')}: ${hex(result)} was expected: ${stdout}${stderr}`);
    return seconds;
  }

  close(): void {
    this.#program.close();
  }
}
