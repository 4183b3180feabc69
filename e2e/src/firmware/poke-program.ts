import type { Board } from '@fireball/emulator';
import { readImage, type FirmwareImage } from '@fireball/image';
import type { Random } from '@fireball/engines';

// A guest program that carries out a table of accesses, whatever faults and interrupts come of it.

/**
 * Armv6-M, at the address of r4's caller's choice:
 *
 *     start:     ldmia r4!, {r0, r1, r2}; lsls r0, r0, #2; add r0, pc; adds r0, #5; bx r0; nop
 *     table:     str r2, [r1] | strh r2, [r1] | strb r2, [r1] | ldr r3, [r1] | ldrh r3, [r1] | ldrb r3, [r1] | wfi | cpsie i  (each: b next)
 *     next:      cmp r4, r5; blo start
 *     done:      bkpt 0xab; b done
 *     fault:     ldr r0, [sp, #24]; adds r0, #2; str r0, [sp, #24]; bx lr
 *     interrupt: cpsid i; bx lr
 */
const arm = {
  code: '07cc8000784405300047c0460a600de00a800be00a7009e00b6807e00b8805e00b7803e030bf01e062b6ffe7ac42e7d3abbefde7069802300690704772b67047',
  fault: 0x34,
  interrupt: 0x3c,
};

/** The same for RV32, with s0 and s1 for r4 and r5, the handler's address in s2; an interrupt's handler leaves mstatus.MPIE clear. */
const riscv = {
  code:
    '731059300325040083254400032684001304c4001315350097020000b382a200678002011300000023a0c5006f00c0032390c5006f0040032380c5006f00c002' +
    '83a605006f00400283d605006f00c00183c605006f004001730050106f00c000736004306f004000e36e94f81310f00173001000135070406ff05fff73232034' +
    '634a030073231034130343007310133473002030130300087330033073002030',
  fault: 0x7c,
};

/** Operations of the table: stores of a word, a halfword, a byte, loads of them, WFI, and letting interrupts in. */
const operations = 8;
const rowBytes = 12;
const codeOffset = 0x400;
const tableOffset = 0x800;
/** More interrupts than a board has. */
const vectors = codeOffset / 4;

interface PokeProgram {
  readonly image: FirmwareImage;
  /** To be written after reset: RISC-V has no vector table to begin from. */
  readonly registers: Readonly<Record<string, number>>;
}

/** Accesses to devices of the board, most of them at registers, with values that mean something more often than chance has them. */
export function pokeProgram(board: Board, random: Random, rows: number): PokeProgram {
  const isArm = board.processor.core.startsWith('cortex-m');
  const ram = board.memory.find(({ kind }) => kind === 'ram')!;
  const base = isArm ? board.processor.resetVector : ram.base;
  const bytes = new Uint8Array(tableOffset + rows * rowBytes);
  const view = new DataView(bytes.buffer);
  bytes.set(Buffer.from(isArm ? arm.code : riscv.code, 'hex'), codeOffset);
  const code = base + codeOffset;
  for (let row = 0; row < rows; row++) {
    const at = tableOffset + row * rowBytes;
    view.setUint32(at, random.below(operations), true);
    view.setUint32(
      at + 4,
      addressOf(
        board.devices.filter(({ size }) => size > 0),
        ram.base,
        random,
      ),
      true,
    );
    view.setUint32(at + 8, valueOf(random), true);
  }
  const table = base + tableOffset;
  if (isArm) {
    view.setUint32(0, ram.base + Math.min(ram.size, 0x1000), true);
    for (let vector = 1; vector < vectors; vector++) {
      view.setUint32(4 * vector, (code + (vector === 1 ? 0 : vector < 16 ? arm.fault : arm.interrupt)) | 1, true);
    }
  }
  const registers: Record<string, number> = isArm
    ? { r4: table, r5: table + rows * rowBytes }
    : { s0: table, s1: table + rows * rowBytes, s2: code + riscv.fault };
  return { image: { ...readImage(bytes, { base, format: 'raw' }), entry: code }, registers };
}

function addressOf(devices: readonly { readonly base: number; readonly size: number }[], ram: number, random: Random): number {
  if (random.chance(3)) return random.word();
  if (random.chance(3) || devices.length === 0) return ram + random.below(0x1000);
  const { base, size } = random.pick(devices);
  // Registers that matter lie at the beginning of most devices.
  const offset = random.below(random.chance(70) ? Math.min(size, 0x100) : size);
  return (base + (random.chance(90) ? offset & ~3 : offset)) >>> 0;
}

function valueOf(random: Random): number {
  switch (random.below(4)) {
    case 0:
      return random.below(16);
    case 1:
      return (1 << random.below(32)) >>> 0;
    case 2:
      return 0xffff_ffff;
    default:
      return random.word();
  }
}
