import { createProcessor, Machine, type DeviceClass, type MachineOptions } from '@fireball/emulator';

/** Where the code of a small machine is: on Arm in flash behind its vectors, on RISC-V in RAM. */
const armCode = 0x100;
export const riscvCode = 0x8000_0100;
/** The handler of all exceptions of Arm: a jump to itself. */
export const armHandler = 0x80;
const deviceBase = 0x4000_1000;

interface SmallMachineOptions extends Pick<MachineOptions, 'onAccess'> {
  readonly core: string;
  readonly code: Uint8Array;
  /** Where it begins; at the code's first instruction where nothing is said. */
  readonly start?: number;
  /** 4 KiB at `deviceBase`. */
  readonly device?: DeviceClass;
}

/** Flash and 64 KiB of RAM (RISC-V: RAM alone), code, and SP at the end of the memory. */
export function smallMachine({ core, code, start, device, onAccess }: SmallMachineOptions): Machine {
  const isArm = core.startsWith('cortex');
  const [ramBase, ramSize] = isArm ? [0x2000_0000, 0x1_0000] : [0x8000_0000, 0x2_0000];
  const machine = new Machine({
    board: {
      name: 'small',
      summary: '',
      processor: {
        core,
        interrupts: isArm ? 16 : 0,
        priorityBits: 2,
        resetVector: isArm ? 0 : riscvCode,
        mpuRegions: isArm && core !== 'cortex-m0' ? 8 : 0,
        systickReference: undefined,
        bitBand: false,
      },
      clocks: { cpu: 1_000_000 },
      memory: [
        ...(isArm ? [{ name: 'flash', kind: 'rom' as const, base: 0, size: 0x1_0000, of: undefined, fill: 0 }] : []),
        { name: 'ram', kind: 'ram', base: ramBase, size: ramSize, of: undefined, fill: 0 },
      ],
      devices:
        device === undefined ? [] : [{ name: 'device', device: device.name, base: deviceBase, size: 0x1000, interrupts: {}, clocks: {}, parameters: {} }],
      console: undefined,
    },
    createProcessor,
    deviceClass: () => {
      if (device === undefined) throw new RangeError('there is no device');
      return device;
    },
    onAccess,
  });
  const memory = machine.memory(isArm ? 'flash' : 'ram');
  memory.set(code, 0x100);
  if (isArm) {
    const view = new DataView(memory.buffer, memory.byteOffset);
    const vectors = [ramBase + ramSize, (start ?? armCode) | 1, ...Array.from({ length: 30 }, () => armHandler | 1)];
    vectors.forEach((vector, index) => {
      view.setUint32(4 * index, vector, true);
    });
    view.setUint16(armHandler, 0xe7fe, true);
  }
  machine.reset();
  machine.processor.writeRegister('sp', ramBase + ramSize);
  machine.processor.writeRegister('pc', start ?? (isArm ? armCode : riscvCode));
  return machine;
}
