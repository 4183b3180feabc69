/** Branded numbers: values of different units cannot be mixed by accident. The brand exists at compile time only. */
declare const unit: unique symbol;

/** A guest physical address, 0 .. 2^32 - 1 (unsigned). */
export type Address = number & { readonly [unit]?: 'address' };
/** A byte offset from the start of a file or section. */
export type ByteOffset = number & { readonly [unit]?: 'byteOffset' };
/** A count of executed guest instructions: the unit of virtual time. */
export type Instructions = number & { readonly [unit]?: 'instructions' };

/** Instruction sets of the CPUs that are emulated and disassembled. */
export type Architecture = 'thumb2' | 'rv32' | 'rv64';

/** Those of them that code is generated for. */
export type Isa = Extract<Architecture, 'thumb2' | 'rv32'>;
