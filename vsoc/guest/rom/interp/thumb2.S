/*
 * The interpreter for Arm: wasm bytes are executed where they lie, with the side table that validation gave.
 * What it reads from memory is in layout.ts; how functions, frames and registers fit together is in README.md.
 *
 *   r0, r1   top of the operand stack, low and high word (high: anything, where the value has one word)
 *   r4  P    address of the opcode under way
 *   r5  O    home slot of the top of stack: where the next push stores it
 *   r6  S    next entry of the side table
 *   r7  B    linear memory's base
 *   r8  L    indices below it pass the short bounds check (see MEMORY_MARGIN)
 *   r9  T    dispatch table
 *   r10 I    instance record
 *   r11 E    address of the function's last `end`
 *   sp       local 0; local i is at sp + 8 i
 *   r2, r3, r12, lr are free
 */
#include "tables.inc"

  .syntax unified
  .thumb
  .text

#include "thumb2/macros.inc"

GLOBAL interp_begin

/* In this order: a file uses macros of those before it. */
#include "thumb2/variables.inc"
#include "thumb2/constants.inc"
#include "thumb2/immediates.inc"
#include "thumb2/control.inc"
#include "thumb2/leave.inc"
#include "thumb2/calls.inc"
#include "thumb2/indirect-calls.inc"
#include "thumb2/native-calls.inc"
#include "thumb2/tail-calls.inc"
#include "thumb2/entries.inc"
#include "thumb2/memory.inc"
#include "thumb2/i32.inc"
#include "thumb2/i64.inc"
#include "thumb2/floats.inc"
#include "thumb2/bulk.inc"

GLOBAL interp_end
  nop

  .align 2
  .global interp_tables
  .type interp_tables, %function
interp_tables:
  TABLE n
  TABLE w
  TABLE g
