export * from './types.js';
export * from './trap.js';
export * from './opcodes.js';
export * from './module.js';
export { decodeModule } from './decoder.js';
export { maxLocals } from './binary/sections.js';
export { InstructionReader, decodeInstruction, type BlockType } from './binary/instruction.js';
