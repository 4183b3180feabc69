export { openDecoder, type Decoder, type PrintedInstruction } from './capstone.js';
export { withAbsoluteTarget } from './targets.js';
export { disassemble, type MachineInstruction } from './disassemble.js';
