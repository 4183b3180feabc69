import type { Isa } from '@fireball/contracts';
import { elfMachine, type ElfWriterInput, type ElfWriterSymbol } from '@fireball/image';

/** EF_ARM_EABI_VER5 with floats in core registers; EF_RISCV_RVC (the processors' ELF supplements). */
const flags = { thumb2: 0x0500_0200, rv32: 0x1 } as const satisfies Record<Isa, number>;
const machines = { thumb2: elfMachine.arm, rv32: elfMachine.riscv } as const satisfies Record<Isa, number>;

/** What the header of an ELF file says of an instruction set. */
export function elfKind(isa: Isa): Pick<ElfWriterInput, 'machine' | 'flags'> {
  return { machine: machines[isa], flags: flags[isa] };
}

/** Where code and data begin (ELF for the Arm Architecture, 5.5.5): disassemblers need it, RISC-V's do not. */
export function mappingSymbols(isa: Isa, code: readonly number[], data: readonly number[]): ElfWriterSymbol[] {
  if (isa !== 'thumb2') return [];
  const at =
    (name: string) =>
    (value: number): ElfWriterSymbol => ({ name, value, size: 0, kind: 'none', local: true });
  return [...code.map(at('$t')), ...data.map(at('$d'))];
}
