import { InternalError, type CpuBackend, type Isa } from '@fireball/contracts';
import { createCpu } from '@fireball/emulator';
import { exitRoutine, loadTemplates, type MisalignedAccess } from '@fireball/jit';
import { buildCoreImage, defaultCpu } from '@fireball/vsoc';

/** Where things lie: the compiler's RAM is at `coreBase`. */
const flashBase = 0x0800_0000;
const flashBytes = 0x40_0000;
const moduleBase = flashBase + 0x10_0000;
const coreBase = 0x2000_0000;
const coreBytes = 0x10_0000;
const ramBase = 0x3000_0000;
const roomAt = ramBase + 0x8_0000;
const roomBytes = 0x10_0000;
const memoryAt = roomAt + roomBytes;
const memoryBytes = 0x4_0000;
const tableGrowth = 16;
const stackTop = roomAt;
const stackLimit = ramBase + 0x2000;
/** Addresses of `struct fireball_setup` and `struct fireball_program`, and words of the latter. */
const setupAt = ramBase;
const programAt = ramBase + 0x100;
const slotsWord = 4;
const offsetWord = 18;

/** As the headers have them (vsoc/guest/core). */
const outcomes = [
  'done',
  'too large',
  'unsupported',
  'too much code',
  'failed',
  'not verified',
  'unnamed',
  'trapped',
  'not ready',
  'invalid',
  'out of bounds',
  'not found',
] as const;

export interface LoadOutcome {
  readonly outcome: (typeof outcomes)[number];
  /** Where the module is refused. */
  readonly offset: number;
  readonly instructions: number;
}

/** What `compile-core --interpreter` makes, on an emulated core without anything else: modules are made ready and run by its interpreter. */
export class DeviceLoader {
  private readonly cpu: CpuBackend;
  private readonly entries: ReadonlyMap<string, number>;
  private readonly flash: Uint8Array;
  private readonly ram: Uint8Array;
  private readonly words: DataView;

  constructor(
    private readonly isa: Isa,
    misaligned: MisalignedAccess = 'hw',
  ) {
    const image = buildCoreImage({ isa, misaligned, interpreter: true, ram: { base: coreBase, size: coreBytes } });
    this.cpu = createCpu({ isa, cpu: defaultCpu[isa] });
    this.flash = this.cpu.mapRam(flashBase, flashBytes, { read: true, write: false, execute: true });
    this.flash.set(exitRoutine(loadTemplates(isa)).linkAt(flashBase), 0);
    this.flash.set(image.bytes, 16);
    this.entries = new Map([...image.entries].map(([name, offset]) => [name, flashBase + 16 + offset]));
    this.cpu.mapRam(coreBase, coreBytes, { read: true, write: true, execute: false });
    this.ram = this.cpu.mapRam(ramBase, memoryAt + memoryBytes - ramBase, { read: true, write: true, execute: true });
    this.words = new DataView(this.ram.buffer, this.ram.byteOffset, this.ram.length);
  }

  /** @param room bytes for tables and for the linear memory; much unless told otherwise */
  load(module: Uint8Array, { room = roomBytes, memory = memoryBytes }: { readonly room?: number; readonly memory?: number } = {}): LoadOutcome {
    this.flash.set(module, moduleBase - flashBase);
    this.cpu.invalidateCode(ramBase, this.ram.length);
    const setup = [moduleBase, module.length, roomAt, room, memoryAt, memory, tableGrowth, stackLimit];
    this.ram.fill(0, 0, 0x100);
    setup.forEach((word, index) => {
      this.words.setUint32(setupAt - ramBase + 4 * index, word, true);
    });
    const { trapped, low, instructions } = this.run(this.entries.get('fireball_program_load')!, [programAt, setupAt]);
    const outcome = outcomes[low];
    if (trapped || outcome === undefined) throw new InternalError('fireball_program_load did not return');
    return { outcome, offset: this.programWord(offsetWord), instructions };
  }

  /** Calls a function of the module that was loaded last, by the interpreter, with argument words. */
  call(
    functionIndex: number,
    args: readonly number[] = [],
  ): { readonly trapped: boolean; readonly low: number; readonly high: number; readonly instructions: number } {
    const slot = this.programWord(slotsWord) + 8 * functionIndex;
    return this.run(this.words.getUint32(slot - ramBase, true) & -2, args);
  }

  close(): void {
    this.cpu.close();
  }

  private programWord(index: number): number {
    return this.words.getUint32(programAt - ramBase + 4 * index, true);
  }

  private run(at: number, args: readonly number[]): { readonly trapped: boolean; readonly low: number; readonly high: number; readonly instructions: number } {
    const { cpu } = this;
    const isThumb = this.isa === 'thumb2';
    const first = isThumb ? 'r' : 'a';
    args.forEach((value, index) => {
      cpu.writeRegister(`${first}${index}`, value);
    });
    cpu.writeRegister('sp', stackTop);
    cpu.writeRegister(isThumb ? 'lr' : 'ra', isThumb ? flashBase | 1 : flashBase);
    const { reason, pc, executed } = cpu.run(at >>> 0, 1e9);
    if (reason.kind !== 'invalid-instruction' && reason.kind !== 'breakpoint')
      throw new InternalError(`the device ended with ${reason.kind} at 0x${pc.toString(16)}`);
    return { trapped: pc !== flashBase, low: cpu.readRegister(`${first}0`) >>> 0, high: cpu.readRegister(`${first}1`) >>> 0, instructions: executed };
  }
}
