import { FireballError, InternalError, UnsupportedError, type RunResult } from '@fireball/contracts';
import { readElf32 } from '@fireball/image';
import type { GuestCalls } from '../calls.js';
import { FirmwareMemory } from './firmware-memory.js';
import { installSystemCalls, type FirmwareHost, type ServedSystem } from './system-calls.js';

/** What firmware runs on. */
export interface FirmwareSystem extends ServedSystem {
  readonly calls: GuestCalls;
  /** What runs beside generated code, if anything does. */
  firmware: Firmware | undefined;
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
   * @param bytes an ELF file linked with vsoc/guest/firmware/firmware.ld
   * @throws InvalidInputError, UnsupportedError where it is none, or for another machine
   */
  constructor(
    private readonly system: FirmwareSystem,
    bytes: Uint8Array,
    host: FirmwareHost,
  ) {
    const { firmware } = system.map;
    if (firmware === undefined) throw new UnsupportedError('firmware on a system without a place for it');
    const image = readElf32(bytes);
    this.memory = new FirmwareMemory(system.cpu, system.dataMemory, image, firmware);
    this.entry = (image.entry & ~1) >>> 0;
    system.firmware = this;
    installSystemCalls(system, this.memory, host);
  }

  /** Calls the entry. @throws FirmwareFaultError */
  run(): FirmwareEnd {
    try {
      const { results, trap, instructions } = this.system.calls.callAt(this.entry, { params: [], results: ['i32'] });
      return { status: trap === null ? Number(results[0]?.value) : undefined, instructions };
    } catch (error) {
      // It can jump anywhere and write to everything: no invariant of the machine is beyond its reach.
      throw error instanceof InternalError ? new FirmwareFaultError(error.message, this.system.cpu.readRegister('pc') >>> 0, { cause: error }) : error;
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
      case 'invalid-instruction':
      case 'budget':
      case 'stopped':
      case 'breakpoint':
      case 'watchpoint':
        return new FirmwareFaultError('invalid instruction', pc);
    }
  }
}
