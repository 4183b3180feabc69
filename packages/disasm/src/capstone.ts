import { createRequire } from 'node:module';
import type { Architecture } from '@fireball/contracts';

/** An instruction as Capstone prints it. */
export interface PrintedInstruction {
  /** Bytes. */
  readonly size: number;
  readonly mnemonic: string;
  /** Operands, as one text. */
  readonly op_str: string;
}

/** The part of the Capstone package that is used; it comes without types. */
interface CapstoneModule {
  readonly ARCH_ARM: number;
  readonly ARCH_RISCV: number;
  readonly MODE_THUMB: number;
  readonly MODE_MCLASS: number;
  readonly MODE_RISCV32: number;
  readonly MODE_RISCV64: number;
  readonly MODE_RISCVC: number;
  readonly Capstone: new (
    arch: number,
    mode: number,
  ) => {
    disasm(code: readonly number[], address: number): PrintedInstruction[];
    close(): void;
  };
}

/** A disassembler of one instruction set. */
export interface Decoder {
  /**
   * The instructions from the beginning of `code` on, up to the first bytes that are none.
   * @throws what Capstone does, a text without a reason, where not even the first is one
   */
  decode(code: Uint8Array | readonly number[], address: number): PrintedInstruction[];
  close(): void;
}

/** Loaded once: it is a module of WebAssembly, which takes longer to load than most functions to disassemble. */
let loading: Promise<CapstoneModule> | undefined;

/** Opens Capstone for an instruction set. Thumb-2 is that of M-profile cores. */
export async function openDecoder(isa: Architecture): Promise<Decoder> {
  loading ??= (createRequire(import.meta.url)('@alexaltea/capstone-js') as () => Promise<CapstoneModule>)();
  const capstone = await loading;
  const modes: Readonly<Record<Architecture, readonly [arch: number, mode: number]>> = {
    thumb2: [capstone.ARCH_ARM, capstone.MODE_THUMB | capstone.MODE_MCLASS],
    rv32: [capstone.ARCH_RISCV, capstone.MODE_RISCV32 | capstone.MODE_RISCVC],
    rv64: [capstone.ARCH_RISCV, capstone.MODE_RISCV64 | capstone.MODE_RISCVC],
  };
  const opened = new capstone.Capstone(...modes[isa]);
  return {
    decode: (code, address) => opened.disasm([...code], address),
    close() {
      opened.close();
    },
  };
}
