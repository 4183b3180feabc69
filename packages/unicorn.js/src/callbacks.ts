/** The callbacks of hooks as users write them: with the `Unicorn` that calls them. */
import type * as hooks from './hooks.js';
import type { Unicorn } from './unicorn.js';

/** Of HOOK_CODE and HOOK_BLOCK: address and bytes of the instruction or block that is about to be executed. */
export type CodeCallback = hooks.CodeCallback<Unicorn>;
/** Of HOOK_INTR: the library's number of the exception, by architecture. */
export type InterruptCallback = hooks.InterruptCallback<Unicorn>;
/** The result `true` means that the instruction was handled and execution goes on. */
export type InvalidInstructionCallback = hooks.InvalidInstructionCallback<Unicorn>;
/** For faults the result `true` means "retry the access", anything else stops. */
export type MemoryCallback = hooks.MemoryCallback<Unicorn>;
/** SYSCALL, SYSENTER, CPUID of x86. Of CPUID the result `true` means that it has been carried out. */
export type InstructionCallback = hooks.InstructionCallback<Unicorn>;
/** IN of x86: the result is what is read. */
export type PortReadCallback = hooks.PortReadCallback<Unicorn>;
/** OUT of x86. */
export type PortWriteCallback = hooks.PortWriteCallback<Unicorn>;
/** MRS, MSR, SYS, SYSL of Arm64: `true` means that it has been carried out. `reg` is the general register. */
export type SystemRegisterCallback = hooks.SystemRegisterCallback<Unicorn>;
/** A new way from one block to another has been found. */
export type EdgeCallback = hooks.EdgeCallback<Unicorn>;
/** A subtraction or comparison with two operands. */
export type OperationCallback = hooks.OperationCallback<Unicorn>;
