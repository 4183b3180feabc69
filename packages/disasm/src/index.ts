export { openDecoder, type Decoder, type PrintedInstruction } from './capstone.js';
export { disassemble, type MachineInstruction } from './disassemble.js';
