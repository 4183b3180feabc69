export { openDecoder, type Decoder, type DisassembledIsa, type PrintedInstruction } from './capstone.js';
export { disassemble, type MachineInstruction } from './disassemble.js';
