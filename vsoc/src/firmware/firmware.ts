import { FireballError, InternalError, UnsupportedError, type RunResult } from '@fireball/contracts';
import { readElf32 } from '@fireball/image';
import type { Vsoc } from '../vsoc.js';
import { FirmwareMemory } from './firmware-memory.js';
import { installSystemCalls } from './system-calls.js';

/** What firmware's system calls reach. */
export interface FirmwareHost {
  /** What firmware writes to the console; the bytes are the guest's memory, as it is now. */
  console(bytes: Uint8Array): void;
}

/** How firmware ended by itself. */
export interface FirmwareEnd {
  /** What its entry returned; undefined where it ran out of fuel. */
  readonly status: number | undefined;
  readonly instructions: number;
}

/** Firmware did what its machine does not do. Exit status 1: the guest failed. */
export class FirmwareFaultError extends FireballError {
  readonly exitStatus = 1;
  constructor(
    readonly problem: string,
    readonly pc: number,
    options?: ErrorOptions,
  ) {
    super(`the firmware failed at pc 0x${pc.toString(16)}: ${problem}`, options);
  }
}

/**
 * Firmware on a virtual SoC: an ELF file whose entry is called like `int main(void)`, on the machine's stack, and which
 * reaches everything else by system calls.
 */
export class Firmware {
  readonly memory: FirmwareMemory;
  private readonly entry: number;

  /**
   * @param bytes an ELF file linked with vsoc/firmware/firmware.ld
   * @throws InvalidInputError, UnsupportedError where it is none, or for another machine
   */
  constructor(
    private readonly vsoc: Vsoc,
    bytes: Uint8Array,
    host: FirmwareHost,
  ) {
    const { firmware } = vsoc.map;
    if (firmware === undefined) throw new UnsupportedError('firmware on a system without a place for it');
    const image = readElf32(bytes);
    this.memory = new FirmwareMemory(vsoc.cpu, vsoc.dataMemory, image, firmware);
    this.entry = (image.entry & ~1) >>> 0;
    vsoc.firmware = this;
    installSystemCalls(vsoc, this.memory, host);
  }

  /** Calls the entry. @throws FirmwareFaultError */
  run(): FirmwareEnd {
    try {
      const { results, trap, instructions } = this.vsoc.calls.callAt(this.entry, { params: [], results: ['i32'] });
      return { status: trap === null ? Number(results[0]?.value) : undefined, instructions };
    } catch (error) {
      // It can jump anywhere and write to everything: no invariant of the machine is beyond its reach.
      throw error instanceof InternalError ? new FirmwareFaultError(error.message, this.vsoc.cpu.readRegister('pc') >>> 0, { cause: error }) : error;
    }
  }

  /** What stopped the CPU, if that is the firmware's doing. */
  faultOf({ reason, pc, previousPc }: RunResult): FirmwareFaultError | undefined {
    if (!this.memory.contains(pc) && !this.memory.contains(previousPc)) return undefined;
    switch (reason.kind) {
      case 'memory-fault':
        return new FirmwareFaultError(`${reason.access} of ${reason.size} bytes at 0x${reason.address.toString(16)}, ${reason.cause}`, pc);
      case 'exception':
        return new FirmwareFaultError(`exception ${reason.number}, which is no system call that exists (numbers: vsoc/SYSCALLS.md)`, pc);
      case 'idle':
        return new FirmwareFaultError('it waits for an interrupt, and there is none', pc);
      default:
        return new FirmwareFaultError('invalid instruction', pc);
    }
  }
}
