export { disassemble, type MachineInstruction } from './disassemble.js';
