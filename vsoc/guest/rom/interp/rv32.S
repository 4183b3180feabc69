/*
 * The interpreter for RISC-V: wasm bytes are executed where they lie, with the side table that validation gave.
 * What it reads from memory is in layout.ts; how functions, frames and registers fit together is in README.md.
 *
 *   a0, a1   top of the operand stack, low and high word (high: anything, where the value has one word)
 *   s0  P    address of the opcode under way
 *   s1  O    home slot of the top of stack: where the next push stores it
 *   s2  S    next entry of the side table
 *   s3  B    linear memory's base
 *   s4  L    indices below it pass the short bounds check (see MEMORY_MARGIN)
 *   s5  T    dispatch table
 *   s6  I    instance record
 *   s7  E    address of the function's last `end`
 *   sp       local 0; local i is at sp + 8 i
 *   a2-a7, t0-t6 and ra are free
 */
#include "tables.inc"

  .text

#include "rv32/macros.inc"

GLOBAL interp_begin

/* In this order: a file uses macros of those before it. */
#include "rv32/variables.inc"
#include "rv32/constants.inc"
#include "rv32/immediates.inc"
#include "rv32/control.inc"
#include "rv32/leave.inc"
#include "rv32/calls.inc"
#include "rv32/indirect-calls.inc"
#include "rv32/native-calls.inc"
#include "rv32/tail-calls.inc"
#include "rv32/entries.inc"
#include "rv32/memory.inc"
#include "rv32/i32.inc"
#include "rv32/i64.inc"
#include "rv32/floats.inc"
#include "rv32/bulk.inc"
#include "rv32/cache.inc"
#include "rv32/state-tables.inc"
#include "rv32/split.inc"

GLOBAL interp_end
  nop

  .align 2
  .global interp_tables
  .type interp_tables, %function
interp_tables:
  STATE_TABLE e
  TABLE n
  STATE_TABLE p
  STATE_TABLE x
  TABLE w
  .rept TABLE_BYTES / 4
  .word h_x_settle - interp_tables
  .endr
  TABLE g

  .global interp_split
  .type interp_split, %function
interp_split:
  SPLIT_TABLE
