/** Reads and writes all floating-point registers of an emulated CPU at once: by guest code, because the CPU library shows halves of doubles only. */
import { InternalError, type CpuBackend, type Isa } from '@fireball/contracts';

/** s0-s31, f0-f31. */
export const floatCount = 32;

const codeBase = 0x0600_0000;
const dataBase = 0x2100_0000;
const pageBytes = 4096;
/** Holds the address of the data while registers are moved. */
const baseRegister = { thumb2: 0, rv32: 1 } as const satisfies Record<Isa, number>;
/** MOV.W r0, #0x02000000 (FPSCR.DN: canonical NaNs, as the ABI wants them); VMSR FPSCR, r0; UDF. */
const defaultNaN = [0x4f, 0xf0, 0x00, 0x70, 0xe1, 0xee, 0x10, 0x0a, 0xfe, 0xde];

/** VLDM or VSTM r0, {s0-s31}; UDF. */
const thumb2Code = (load: boolean): number[] => [0x80 | (load ? 0x10 : 0), 0xec, 0x20, 0x0a, 0xfe, 0xde];

/** FLD or FSD of every register from x1; C.EBREAK. */
function rv32Code(load: boolean): number[] {
  const words = Array.from({ length: floatCount }, (_, number) => {
    const offset = 8 * number;
    const common = (baseRegister.rv32 << 15) | (3 << 12);
    return load ? (offset << 20) | common | (number << 7) | 0x07 : ((offset >> 5) << 25) | (number << 20) | common | ((offset & 31) << 7) | 0x27;
  });
  return [...words.flatMap((word) => [word & 0xff, (word >> 8) & 0xff, (word >> 16) & 0xff, (word >> 24) & 0xff]), 0x02, 0x90];
}

/** Registers are numbered as s0-s31 (the low words of entries) or f0-f31. */
export class FloatBank {
  private readonly view: DataView;
  private readonly entries: { readonly load: number; readonly store: number };
  /** General register that moving overwrites. */
  readonly clobbers: number;

  constructor(private readonly cpu: CpuBackend) {
    const { isa } = cpu;
    this.clobbers = baseRegister[isa];
    const code = cpu.mapRam(codeBase, pageBytes, { read: true, write: false, execute: true });
    const data = cpu.mapRam(dataBase, pageBytes, { read: true, write: true, execute: false });
    this.view = new DataView(data.buffer, data.byteOffset);
    const codeOf = isa === 'thumb2' ? thumb2Code : rv32Code;
    const load = codeOf(true);
    const store = codeOf(false);
    code.set([...load, ...store, ...(isa === 'thumb2' ? defaultNaN : [])]);
    cpu.invalidateCode(codeBase, pageBytes);
    this.entries = { load: codeBase, store: codeBase + load.length };
    if (isa === 'thumb2') this.run(this.entries.store + store.length);
  }

  private move(entry: number): void {
    const { cpu, clobbers } = this;
    cpu.writeRegister(`${cpu.isa === 'thumb2' ? 'r' : 'x'}${clobbers}`, dataBase);
    this.run(entry);
  }

  private run(entry: number): void {
    const { reason } = this.cpu.run(entry, floatCount + 1);
    if (reason.kind !== 'invalid-instruction') throw new InternalError(`floating-point registers cannot be moved: ${reason.kind}`);
  }

  load(floats: BigUint64Array): void {
    floats.forEach((bits, number) => {
      if (this.cpu.isa === 'thumb2') this.view.setUint32(4 * number, Number(bits & 0xffff_ffffn), true);
      else this.view.setBigUint64(8 * number, bits, true);
    });
    this.move(this.entries.load);
  }

  read(): BigUint64Array {
    this.move(this.entries.store);
    const isSingle = this.cpu.isa === 'thumb2';
    return BigUint64Array.from({ length: floatCount }, (_, number) =>
      isSingle ? BigInt(this.view.getUint32(4 * number, true)) : this.view.getBigUint64(8 * number, true),
    );
  }
}
