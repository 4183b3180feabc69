/**
 * A board as data: what a board file says, once it has been read and checked (`board-file.ts`). Addresses and sizes are bytes, clocks hertz.
 */
export interface Board {
  readonly name: string;
  /** One line: the hardware, and which machine of QEMU it equals, where there is one. */
  readonly summary: string;
  readonly processor: BoardProcessor;
  /** By name; `cpu` is always there. */
  readonly clocks: Readonly<Record<string, number>>;
  readonly memory: readonly BoardMemory[];
  readonly devices: readonly BoardDevice[];
  /** The device whose serial port is the console. */
  readonly console: string | undefined;
  /** RISC-V: the memory at whose end a device tree lies after reset, its address in a1; undefined: there is none. */
  readonly deviceTree?: string | undefined;
}

/** The CPU core of a board, and what its makers chose of it. */
export interface BoardProcessor {
  /** `cortex-m3`, `rv32imac`: of `machineCores`. */
  readonly core: string;
  /** Inputs of the interrupt controller (NVIC); for RISC-V the PLIC is a device and says so itself. */
  readonly interrupts: number;
  /** Arm: implemented bits of a priority (2 to 8). */
  readonly priorityBits: number;
  /** Arm: where the vector table is after reset. RISC-V: the first PC, unless the image's entry is used. */
  readonly resetVector: number;
  /** Arm: MPU regions, 0 for none. */
  readonly mpuRegions: number;
  /** Arm: SysTick's reference clock by name; undefined: it has none. */
  readonly systickReference: string | undefined;
  /** Arm, M3 and M4: are the bit-band aliases there? */
  readonly bitBand: boolean;
}

/** An input of a CPU that is not one of the interrupt controller's: Arm's NMI, and RXEV, an event that ends WFE; RISC-V's software, timer and external interrupts (privileged spec, 3.1.9). */
export type CpuInput = (typeof cpuInputs)[keyof typeof cpuInputs][number];
export const cpuInputs = { arm: ['nmi', 'rxev'], riscv: ['msip', 'mtip', 'meip', 'seip'] } as const;

/** Memory of a board, or another place of one. Base and size are bytes. */
export interface BoardMemory {
  readonly name: string;
  readonly kind: 'ram' | 'rom' | 'alias';
  readonly base: number;
  readonly size: number;
  /** Of an alias: the name of the memory, from its beginning. */
  readonly of: string | undefined;
  /** The byte that it holds at power-on: 0xff for flash. */
  readonly fill: number;
}

/** A device at its place, with what its interrupts and clocks are connected to. */
export interface BoardDevice {
  /** `uart0`. */
  readonly name: string;
  /** A device class. */
  readonly device: string;
  /** 0 where the class has no address space. */
  readonly base: number;
  /** Bytes of address space: the class's, or what the board says where the class leaves it to the board. */
  readonly size: number;
  /** Interrupt output of the class -> input of the interrupt controller, or of the CPU itself. */
  readonly interrupts: Readonly<Record<string, number | CpuInput>>;
  /** Clock input of the class -> clock of the board. */
  readonly clocks: Readonly<Record<string, string>>;
  readonly parameters: Readonly<Record<string, number | string>>;
}
