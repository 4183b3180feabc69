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

/* Distance of the tables of the states in rv32-cache.inc from the one of a function's set. */
.set IN_e, -TABLE_BYTES
.set IN_n, 0
.set IN_p, TABLE_BYTES
.set IN_x, -TABLE_BYTES

.macro NEXT_IN state, length=1
  lbu t0, \length(s0)
  addi s0, s0, \length
  slli t0, t0, 2
  add t0, t0, s5
  lw t0, IN_\state(t0)
  jr t0
.endm

.macro NEXT length=1
  NEXT_IN n, \length
.endm

/* Goes on at P. */
.macro GO_IN state
  lbu t0, 0(s0)
  slli t0, t0, 2
  add t0, t0, s5
  lw t0, IN_\state(t0)
  jr t0
.endm

.macro GO
  GO_IN n
.endm

.macro PUSH_TOP
  sw a0, 0(s1)
  sw a1, 4(s1)
  addi s1, s1, 8
.endm

.macro POP_TOP
  lw a0, -8(s1)
  lw a1, -4(s1)
  addi s1, s1, -8
.endm

/* The operand below the top. */
.macro POP_LOW to
  lw \to, -8(s1)
  addi s1, s1, -8
.endm

.macro POP_PAIR low, high
  lw \low, -8(s1)
  lw \high, -4(s1)
  addi s1, s1, -8
.endm

/* Takes the branch that S describes. */
.macro TAKE_IN state
  lw s0, 0(s2)
  lw s2, 4(s2)
  andi t1, s2, 1
  bnez t1, take_in_\state
  GO_IN \state
.endm

.macro TAKE
  TAKE_IN n
.endm

/* Calls a routine that may trap: it may have saved and changed P by then. The context is 0 while no such call is under way. */
.macro TRAPPING name
  lw t0, -I_CONTEXT(s6)
  sw s0, 0(t0)
  call \name
  lw t0, -I_CONTEXT(s6)
  sw zero, 0(t0)
.endm

.macro LOAD_LIMIT
  lw t1, -I_MEMORY(s6)
  lw t1, 0(t1)
  li t2, MEMORY_MARGIN
  addi s4, t1, -MEMORY_MARGIN
  bgeu t1, t2, 99f
  li s4, 0
99:
.endm

/* Address of the record of index t1 in one of the instance's lists. Uses t0. */
.macro RECORD to, list
  lw t0, -\list(s6)
  slli t1, t1, 2
  add t0, t0, t1
  lw \to, 0(t0)
.endm

/* Address of local t1. */
.macro LOCAL
  slli t1, t1, 3
  add t1, t1, sp
.endm

.macro LOAD_VALUE
  lw a0, 0(t1)
  lw a1, 4(t1)
.endm

.macro STORE_VALUE
  sw a0, 0(t1)
  sw a1, 4(t1)
.endm

/* Address of the cell of global t1. */
.macro GLOBAL_CELL
  slli t1, t1, 2
  add t1, t1, s6
  lw t1, 0(t1)
.endm

/* The next result word at t3 -> t5; behind t4 the words are in the result buffer. */
.macro NEXT_WORD
  bne t3, t4, 98f
  lw t3, -I_RESULT_BUFFER(s6)
98:
  lw t5, 0(t3)
  addi t3, t3, 4
.endm

/* a0 -> the next place t4 of a result word; t5 is where the result buffer takes over. */
.macro PUT_WORD
  bne t4, t5, 98f
  lw t4, -I_RESULT_BUFFER(s6)
98:
  sw a0, 0(t4)
  addi t4, t4, 4
.endm

.macro STOP kind
  li a7, \kind
  ebreak
.endm

.macro GLOBAL name
  .global \name
  .type \name, %function
\name:
.endm

.macro HANDLER name
h_\name:
.endm

GLOBAL interp_begin

/* --- constants and variables --- */

/* Bytes 2 to 5 of a constant; t1 is the first one. */
.macro WIDE_CONST to, next
  lb t2, 2(s0)
  andi t1, t1, 127
  bltz t2, 1f
  slli t2, t2, 25
  srai t2, t2, 18
  or \to, t1, t2
  NEXT_IN \next, 3
1:
  andi t2, t2, 127
  slli t2, t2, 7
  or t1, t1, t2
  lb t2, 3(s0)
  bltz t2, 1f
  slli t2, t2, 25
  srai t2, t2, 11
  or \to, t1, t2
  NEXT_IN \next, 4
1:
  andi t2, t2, 127
  slli t2, t2, 14
  or t1, t1, t2
  lb t2, 4(s0)
  bltz t2, 1f
  slli t2, t2, 25
  srai t2, t2, 4
  or \to, t1, t2
  NEXT_IN \next, 5
1:
  andi t2, t2, 127
  slli t2, t2, 21
  or t1, t1, t2
  lbu t2, 5(s0)
  slli t2, t2, 28
  or \to, t1, t2
  NEXT_IN \next, 6
.endm

HANDLER w_local_get
  lbu t1, 1(s0)
  PUSH_TOP
  LOCAL
  LOAD_VALUE
  NEXT 2

HANDLER w_local_set
  lbu t1, 1(s0)
  LOCAL
  STORE_VALUE
  NEXT_IN x, 2

HANDLER w_local_tee
  lbu t1, 1(s0)
  LOCAL
  STORE_VALUE
  NEXT 2

HANDLER w_global_get
  lb t1, 1(s0)
  PUSH_TOP
  bltz t1, 1f
  GLOBAL_CELL
  LOAD_VALUE
  NEXT 2
1:
  jal read_index
  GLOBAL_CELL
  LOAD_VALUE
  NEXT

HANDLER w_global_set
  lb t1, 1(s0)
  bltz t1, 1f
  GLOBAL_CELL
  STORE_VALUE
  NEXT_IN x, 2
1:
  jal read_index
  GLOBAL_CELL
  STORE_VALUE
  NEXT_IN x

HANDLER w_i32_const
  lb t1, 1(s0)
  PUSH_TOP
  bltz t1, 1f
  slli a0, t1, 25
  srai a0, a0, 25
  NEXT 2
1:
  WIDE_CONST a0, n

HANDLER w_drop
  NEXT_IN x

HANDLER w_select
  mv t1, a0
  lw a0, -16(s1)
  lw a1, -12(s1)
  addi s1, s1, -16
  bnez t1, 1f
  lw a0, 8(s1)
  lw a1, 12(s1)
1:
  NEXT

/* Byte number \byte of a constant: seven bits to position \at of \word, more of it if it is the last. */
.macro CONST_BITS byte, word, at
  lb t1, \byte + 1(s0)
  slli t2, t1, 25
  srli t2, t2, 25 - (\at)
  or \word, \word, t2
.endm

.macro CONST_LOW byte
  CONST_BITS \byte, a0, 7 * \byte
  bltz t1, 1f
  slli a0, a0, 25 - 7 * \byte
  srai a0, a0, 25 - 7 * \byte
  srai a1, a0, 31
  NEXT \byte + 2
1:
.endm

.macro CONST_HIGH byte
  CONST_BITS \byte, a1, 7 * \byte - 32
  bltz t1, 1f
  slli a1, a1, 57 - 7 * \byte
  srai a1, a1, 57 - 7 * \byte
  NEXT \byte + 2
1:
.endm

HANDLER i64_const
  PUSH_TOP
i64_const_bits:
  li a0, 0
  CONST_LOW 0
  CONST_LOW 1
  CONST_LOW 2
  CONST_LOW 3
  /* The fifth byte has four bits of the low word and three of the high one. */
  lb t1, 5(s0)
  slli t2, t1, 28
  or a0, a0, t2
  slli a1, t1, 25
  bltz t1, 1f
  srai a1, a1, 29
  NEXT 6
1:
  srli a1, a1, 29
  CONST_HIGH 5
  CONST_HIGH 6
  CONST_HIGH 7
  CONST_HIGH 8
  lbu t1, 10(s0)
  slli t1, t1, 31
  or a1, a1, t1
  NEXT 11

/* Four bytes, aligned or not. Uses t0. */
.macro LOAD_BYTES to, at, base=s0
  lbu \to, \at(\base)
  lbu t0, \at + 1(\base)
  slli t0, t0, 8
  or \to, \to, t0
  lbu t0, \at + 2(\base)
  slli t0, t0, 16
  or \to, \to, t0
  lbu t0, \at + 3(\base)
  slli t0, t0, 24
  or \to, \to, t0
.endm

HANDLER f32_const
  PUSH_TOP
  LOAD_BYTES a0, 1
  NEXT 5

HANDLER f64_const
  PUSH_TOP
  LOAD_BYTES a0, 1
  LOAD_BYTES a1, 5
  NEXT 9

HANDLER ref_null
  PUSH_TOP
  li a0, 0
  NEXT 2

HANDLER ref_func
  PUSH_TOP
  jal read_index
  RECORD a0, I_SLOTS
  NEXT

HANDLER select_t
  jal read_index
  add s0, s0, t1
  j h_w_select

/* local.get and its like with indices of any length */
HANDLER g_local_get
  PUSH_TOP
  jal read_index
  LOCAL
  LOAD_VALUE
  NEXT

HANDLER g_local_set
  jal read_index
  LOCAL
  STORE_VALUE
  POP_TOP
  NEXT

HANDLER g_local_tee
  jal read_index
  LOCAL
  STORE_VALUE
  NEXT

/* Brings the last byte of an immediate that nobody reads to P + 1, then does what the wide set does: two tables back. */
HANDLER skip
  lbu t0, 0(s0)
1:
  lb t1, 1(s0)
  bgez t1, 2f
  addi s0, s0, 1
  j 1b
2:
  slli t0, t0, 2
  add t0, t0, s5
  addi t0, t0, -TABLE_BYTES
  lw t0, -TABLE_BYTES(t0)
  jr t0

/* The unsigned LEB128 number at P + 1 -> t1; P is then at its last byte. Uses t2. */
.macro INDEX_BYTE byte
  lb t2, \byte(s0)
  andi a4, t2, 127
  slli a4, a4, 7 * \byte
  or t1, t1, a4
  bltz t2, 1f
  addi s0, s0, \byte
  ret
1:
.endm

read_index:
  lb t1, 1(s0)
  addi s0, s0, 1
  bltz t1, 1f
  ret
1:
  andi t1, t1, 127
  INDEX_BYTE 1
  INDEX_BYTE 2
  INDEX_BYTE 3
  lbu t2, 4(s0)
  slli t2, t2, 28
  or t1, t1, t2
  addi s0, s0, 4
  ret

/* --- control --- */

HANDLER unreachable
  STOP TRAP_UNREACHABLE

HANDLER illegal
  STOP ILLEGAL_OPCODE

HANDLER nop
  NEXT

HANDLER block
HANDLER loop
  NEXT 2

/* Where functions may become native: every arrival at a loop's header counts; branches to it lead here. S: {counter}. */
HANDLER counted_loop
  lw t1, 0(s2)
  addi s2, s2, 8
  lw t2, 0(t1)
  addi t2, t2, -1
  sw t2, 0(t1)
  bltz t2, 1f
  NEXT 2
1:
  sw a0, 0(s1)
  sw a1, 4(s1)
  mv a0, t1
  lw t1, -I_LOOP_SERVICE(s6)
  jalr t1
  bnez a0, 2f
  lw a0, 0(s1)
  lw a1, 4(s1)
  NEXT 2
2:
  /* Goes on in native code: a0. In its frame operands follow the locals (bytes: a3) without a slot between. */
  add t1, sp, a3
  j 4f
3:
  lw t2, 8(t1)
  lw t3, 12(t1)
  sw t2, 0(t1)
  sw t3, 4(t1)
  addi t1, t1, 8
4:
  bltu t1, s1, 3b
  /* A call with this frame's address as its argument; behind it the function ends. */
  mv s2, a2
  mv a2, a0
  mv a3, a1
  mv s0, s7
  sw sp, 8(s1)
  addi s1, s1, 16
  j call_spilled

/* Where code yields on request: loops and calls look at the flag before they count. The service preserves all registers but t0 to t2. */
.macro SAFEPOINT name
HANDLER safepoint_\name
  lw t1, -I_YIELD(s6)
  lw t1, 0(t1)
  beqz t1, 1f
  lw t1, -I_YIELD_SERVICE(s6)
  jalr t0, t1
1:
  j h_counted_\name
.endm

  SAFEPOINT loop
  SAFEPOINT call
  SAFEPOINT call_indirect
  SAFEPOINT return_call
  SAFEPOINT return_call_indirect

HANDLER w_if
  beqz a0, 1f
  addi s2, s2, 8
  NEXT_IN x, 2
1:
  TAKE_IN x

HANDLER w_br_if
  bnez a0, 1f
  addi s2, s2, 8
  NEXT_IN x, 2
1:
  TAKE_IN x

/* At the end of a first arm: every operand is where it belongs. */
HANDLER else
  lw s0, 0(s2)
  lw s2, 4(s2)
  GO

HANDLER br
  TAKE

HANDLER br_table
  lb t1, 1(s0)
  bltz t1, 2f
1:
  bltu a0, t1, 3f
  mv a0, t1
3:
  slli a0, a0, 3
  add s2, s2, a0
  POP_TOP
  TAKE
2:
  jal read_index
  j 1b

/* Moves what a branch carries; S is odd and points at {side table, bytes to drop, bytes to keep}. */
take_with_operands:
  lw t1, 3(s2)
  lw t2, 7(s2)
  lw s2, -1(s2)
  beqz t2, 2f
  li t3, 8
  bne t2, t3, 3f
  sub s1, s1, t1
  GO
2:
  sub s1, s1, t1
  lw a0, 0(s1)
  lw a1, 4(s1)
  GO
3:
  sw a0, 0(s1)
  sw a1, 4(s1)
  addi t3, s1, 8
  sub t4, t3, t2
  sub t5, t4, t1
  sub s1, s1, t1
4:
  lw a0, 0(t4)
  lw a1, 4(t4)
  sw a0, 0(t5)
  sw a1, 4(t5)
  addi t4, t4, 8
  addi t5, t5, 8
  bne t4, t3, 4b
  GO

/* --- leaving a function --- */

.set LINK_BYTES, 24

.macro SAVE_LINK
  addi sp, sp, -LINK_BYTES
  sw s0, 0(sp)
  sw s1, 4(sp)
  sw s2, 8(sp)
  sw s5, 12(sp)
  sw s7, 16(sp)
  sw ra, 20(sp)
.endm

.macro LOAD_LINK
  lw s0, 0(sp)
  lw s1, 4(sp)
  lw s2, 8(sp)
  lw s5, 12(sp)
  lw s7, 16(sp)
  lw ra, 20(sp)
  addi sp, sp, LINK_BYTES
.endm

HANDLER return
  lw s2, 4(s2)
  j leave

HANDLER end
  beq s0, s7, leave
  NEXT

/* S is at the function's last entry: {bytes of the frame, number of results}. */
leave:
  lw t1, 0(s2)
  lw t2, 4(s2)
  li t3, 1
  bne t2, t3, 1f
  add sp, sp, t1
  LOAD_LINK
  ret
1:
  bnez t2, 2f
  add sp, sp, t1
  LOAD_LINK
  POP_TOP
  ret
2:
  /* All results but the last one go to the caller's operand stack, the last one stays in a0, a1. */
  sw a0, 0(s1)
  sw a1, 4(s1)
  add t1, sp, t1
  addi t3, s1, 8
  slli t2, t2, 3
  sub t4, t3, t2
  lw t5, 4(t1)
3:
  lw a0, 0(t4)
  lw a1, 4(t4)
  sw a0, 0(t5)
  sw a1, 4(t5)
  addi t4, t4, 8
  addi t5, t5, 8
  bne t4, t3, 3b
  addi t5, t5, -8
  sw t5, 4(t1)
  mv sp, t1
  LOAD_LINK
  ret

/* --- calls --- */

/* Is the code at a2 an entry of a function of this instance that is interpreted? Where calls count: one that goes on so? */
.macro OWN_OR otherwise, counted
  lw t3, -I_ENTRIES(s6)
  lw t4, -I_ENTRY_BYTES(s6)
  sub t3, a2, t3
  bgeu t3, t4, \otherwise
  .if \counted
  lw t3, D_PROFILE(a2)
  lw t4, 0(t3)
  addi t4, t4, -1
  sw t4, 0(t3)
  bltz t4, \otherwise
  .endif
.endm

.macro COPY_SLOT from, to
  lw t5, 0(\from)
  lw t6, 4(\from)
  addi \from, \from, 8
  sw t5, 0(\to)
  sw t6, 4(\to)
  addi \to, \to, 8
.endm

/*
 * Calls the function of the index at P + 1: \own with the descriptor a2, or \other with the code a2 and the index a4. Where calls do not count, \own
 * stands behind, and so must LONG_FUNCTION.
 */
.macro FUNCTION counted, own, other
  lb t1, 1(s0)
  bltz t1, 97f
  addi s0, s0, 2
96:
  mv a4, t1
  RECORD a2, I_SLOTS
  lw a2, 0(a2)
  OWN_OR \other, \counted
  .if \counted
  j \own
  LONG_FUNCTION
  .endif
.endm

/* Where the index has several bytes. */
.macro LONG_FUNCTION
97:
  jal read_index
  addi s0, s0, 1
  j 96b
.endm

HANDLER counted_call
  FUNCTION 1, call_own, call_other

HANDLER call
  FUNCTION 0, call_own, call_other

/* Calls the interpreted function with descriptor a2; P is where to go on. */
call_own:
  sw a0, 0(s1)
  sw a1, 4(s1)
  addi s1, s1, 8
  lw t1, D_FRAME(a2)
  lw t2, D_PARAMETERS(a2)
  lw t3, -I_STACK_LIMIT(s6)
  mv t4, s1
  sub s1, s1, t2
  sub t3, sp, t3
  blt t3, t1, exhausted
  lla ra, continue
  SAVE_LINK
  sub sp, sp, t1
  mv t3, sp
  beqz t2, enter
1:
  COPY_SLOT s1, t3
  bne s1, t4, 1b

/* Zeroes from t3 on and starts the function with descriptor a2. */
enter:
  lw t1, D_ZERO(a2)
  beqz t1, 2f
  add t1, t1, t3
1:
  sw zero, 0(t3)
  sw zero, 4(t3)
  addi t3, t3, 8
  bne t3, t1, 1b
2:
  mv s1, t3
  lw s0, D_CODE(a2)
  lw s2, D_SIDE(a2)
  lw s5, D_TABLE(a2)
  lw s7, D_END(a2)
continue:
  GO

  LONG_FUNCTION

/* P is behind the call: back into it, for the report. */
exhausted:
  addi s0, s0, -1
  STOP TRAP_CALL_STACK_EXHAUSTED

/* Type index -> t1, code of the table's element a0 -> a2, checked; P then at the next instruction. */
.macro INDIRECT
  lb t1, 1(s0)
  lb t2, 2(s0)
  or t3, t1, t2
  bltz t3, 8f
  addi s0, s0, 2
7:
  lw t3, -I_TABLES(s6)
  slli t2, t2, 2
  add t3, t3, t2
  lw t3, 0(t3)
  lw t4, 0(t3)
  bgeu a0, t4, undefined_element
  lw t3, 8(t3)
  slli t4, a0, 2
  add t3, t3, t4
  lw t3, 0(t3)
  beqz t3, uninitialized_element
  lw t4, 4(t3)
  lw t5, -I_TYPES(s6)
  slli t1, t1, 2
  add t5, t5, t1
  lw t5, 0(t5)
  bne t4, t5, type_mismatch
  lw a2, 0(t3)
  POP_TOP
  addi s0, s0, 1
.endm

.macro INDIRECT_LONG
8:
  jal read_index
  mv a3, t1
  jal read_index
  mv t2, t1
  mv t1, a3
  j 7b
.endm

/* Shape of type t1, an index times 4. */
.macro TYPE_SHAPE
  lw a3, -I_TYPE_SHAPES(s6)
  add a3, a3, t1
  lw a3, 0(a3)
.endm

.macro CALL_INDIRECT counted
  INDIRECT
  OWN_OR 1f, \counted
  j call_own
1:
  TYPE_SHAPE
  j call_code
  INDIRECT_LONG
.endm

HANDLER call_indirect
  CALL_INDIRECT 0

HANDLER counted_call_indirect
  CALL_INDIRECT 1

undefined_element:
  STOP TRAP_UNDEFINED_ELEMENT
uninitialized_element:
  STOP TRAP_UNINITIALIZED_ELEMENT
type_mismatch:
  STOP TRAP_INDIRECT_CALL_TYPE_MISMATCH

/* a4 is the function's index. */
call_other:
  mv t1, a4
  RECORD a3, I_FUNCTION_SHAPES

/* Calls the code at a2 under the native ABI; a3 is the type's shape. */
call_code:
  sw a0, 0(s1)
  sw a1, 4(s1)
  addi s1, s1, 8
call_spilled:
  lw t1, SHAPE_PARAMETERS(a3)
  sub s1, s1, t1
  lw t1, SHAPE_STACK(a3)
  lw t2, -I_STACK_LIMIT(s6)
  sub t2, sp, t2
  blt t2, t1, exhausted
  addi sp, sp, -16
  sw s2, 0(sp)
  sw a3, 4(sp)
  mv s2, a2
  sub sp, sp, t1
  lw t1, SHAPE_REGISTERS(a3)
  slli t2, t1, 3
  add t2, t2, s1
  lw t3, SHAPE_STACK_SLOTS(a3)
  add t3, t3, t2
  mv t4, sp
  j 2f
1:
  COPY_SLOT t2, t4
2:
  bne t2, t3, 1b
  addi sp, sp, -32
  mv t4, sp
  lw t2, SHAPE_WIDE_REGISTERS(a3)
  mv t3, s1
  j 5f
3:
  lw t5, 0(t3)
  lw t6, 4(t3)
  addi t3, t3, 8
  sw t5, 0(t4)
  addi t4, t4, 4
  andi t5, t2, 1
  srli t2, t2, 1
  beqz t5, 4f
  sw t6, 0(t4)
  addi t4, t4, 4
4:
  addi t1, t1, -1
5:
  bnez t1, 3b
  lw a0, 0(sp)
  lw a1, 4(sp)
  lw a2, 8(sp)
  lw a3, 12(sp)
  lw a4, 16(sp)
  lw a5, 20(sp)
  lw a6, 24(sp)
  lw a7, 28(sp)
  addi sp, sp, 32
  jalr s2
  lw s2, 0(sp)
  lw t1, 4(sp)
  addi sp, sp, 16
  lw t2, SHAPE_RESULTS(t1)
  li t3, 1
  beq t2, t3, 9f
  bnez t2, 6f
  POP_TOP
  j 9f
6:
  /* Words: the first four in registers, the others in the result buffer. */
  addi sp, sp, -16
  sw a0, 0(sp)
  sw a1, 4(sp)
  sw a2, 8(sp)
  sw a3, 12(sp)
  mv t3, sp
  addi t4, sp, 16
  li a3, 2
7:
  NEXT_WORD
  sw t5, 0(s1)
  lbu t6, SHAPE_RESULT_WORDS(t1)
  addi t1, t1, 1
  bne t6, a3, 8f
  NEXT_WORD
8:
  sw t5, 4(s1)
  addi s1, s1, 8
  addi t2, t2, -1
  bnez t2, 7b
  addi sp, sp, 16
  POP_TOP
9:
  LOAD_LIMIT
  GO

/* --- tail calls: the frame goes, its link stays --- */

/* What interp_entry pushes: words of a0-a7, registers. */
.set SAVED_BYTES, 80
.set SAVED_REGISTERS, 32

/* Of the argument registers only those that results use, too. */
.macro LOAD_SAVED
  lw a0, 0(sp)
  lw a1, 4(sp)
  lw a2, 8(sp)
  lw a3, 12(sp)
  lw ra, 32(sp)
  lw s0, 36(sp)
  lw s1, 40(sp)
  lw s2, 44(sp)
  lw s3, 48(sp)
  lw s4, 52(sp)
  lw s5, 56(sp)
  lw s6, 60(sp)
  lw s7, 64(sp)
.endm

HANDLER counted_return_call
  FUNCTION 1, replace_frame, replace_by_function

HANDLER return_call
  FUNCTION 0, replace_frame, replace_by_function

replace_frame:
  lw t1, 4(s2)
  lw t1, 0(t1)
  add t1, t1, sp
  sw a0, 0(s1)
  sw a1, 4(s1)
  addi t4, s1, 8
  lw t2, D_FRAME(a2)
  lw t5, D_PARAMETERS(a2)
  sub s1, t4, t5
  sub t1, t1, t2
  lw t2, -I_STACK_LIMIT(s6)
  blt t1, t2, exhausted
  bgtu t1, s1, 6f
  /* Down: nothing that is still needed may lie below sp. */
  mv t3, t1
  bgeu t1, sp, 5f
  mv sp, t1
  j 5f
4:
  COPY_SLOT s1, t3
5:
  bne s1, t4, 4b
  mv sp, t1
  j enter
6:
  add t3, t1, t5
  mv t2, t3
  j 8f
7:
  addi t4, t4, -8
  addi t2, t2, -8
  lw t5, 0(t4)
  lw t6, 4(t4)
  sw t5, 0(t2)
  sw t6, 4(t2)
8:
  bne s1, t4, 7b
  mv sp, t1
  j enter
  LONG_FUNCTION

/* a4 is the function's index. */
replace_by_function:
  mv t1, a4
  RECORD a3, I_FUNCTION_SHAPES

/*
 * Jumps to the code at a2, whose type has shape a3. Where our own caller is interpreted, the code is called and then the
 * function ends: that code's own tail calls replace its frame, so that the stack does not grow further.
 */
replace_by_other:
  sw a0, 0(s1)
  sw a1, 4(s1)
  addi s1, s1, 8
  lw t1, 4(s2)
  lw t1, 0(t1)
  add t1, t1, sp
  lw t2, 20(t1)
  lla t3, leave_to_other
  beq t2, t3, 1f
  lw s0, 0(s2)
  lw s2, 4(s2)
  j call_spilled
1:
  lw t3, SHAPE_PARAMETERS(a3)
  sub s1, s1, t3
  lw s0, 0(t1)
  lw t1, 16(t1)
  /* The new stack arguments end where the old ones end. */
  lw t1, D_SHAPE(t1)
  lw t1, SHAPE_STACK(t1)
  add s4, s0, t1
  lw t1, SHAPE_STACK(a3)
  sub s4, s4, t1
  addi s4, s4, SAVED_BYTES
  mv s5, a2
  /* Below all: arguments in registers, saved registers. */
  addi sp, sp, -SAVED_BYTES
  mv t4, sp
  lw t1, SHAPE_REGISTERS(a3)
  lw t2, SHAPE_WIDE_REGISTERS(a3)
  j 4f
2:
  lw t5, 0(s1)
  lw t6, 4(s1)
  addi s1, s1, 8
  sw t5, 0(t4)
  addi t4, t4, 4
  andi t5, t2, 1
  srli t2, t2, 1
  beqz t5, 3f
  sw t6, 0(t4)
  addi t4, t4, 4
3:
  addi t1, t1, -1
4:
  bnez t1, 2b
  addi t1, s0, SAVED_REGISTERS
  addi t2, sp, SAVED_REGISTERS
  addi t3, sp, SAVED_BYTES
5:
  lw t5, 0(t1)
  sw t5, 0(t2)
  addi t1, t1, 4
  addi t2, t2, 4
  bne t2, t3, 5b
  lw t1, SHAPE_STACK_SLOTS(a3)
  add t2, s1, t1
  add t3, s4, t1
  j 7f
6:
  addi t2, t2, -8
  addi t3, t3, -8
  lw t5, 0(t2)
  lw t6, 4(t2)
  sw t5, 0(t3)
  sw t6, 4(t3)
7:
  bne t2, s1, 6b
  mv t1, s4
  mv t2, s5
  lw a4, 16(sp)
  lw a5, 20(sp)
  lw a6, 24(sp)
  lw a7, 28(sp)
  LOAD_SAVED
  mv sp, t1
  jr t2

.macro RETURN_CALL_INDIRECT counted
  INDIRECT
  OWN_OR 1f, \counted
  j replace_frame
1:
  TYPE_SHAPE
  j replace_by_other
  INDIRECT_LONG
.endm

HANDLER return_call_indirect
  RETURN_CALL_INDIRECT 0

HANDLER counted_return_call_indirect
  RETURN_CALL_INDIRECT 1

/* --- from other code into an interpreted function and back --- */

/*
 * The same where functions may become native. The profile is {calls until the service is asked, native code or 0, slot}. Native code that is
 * reached here has been made to leave a mark at its next call: the mark is that the slot leads to it again. t2 is the descriptor.
 */
GLOBAL interp_counted_entry
  lw t1, D_PROFILE(t2)
  lw t3, 4(t1)
  bnez t3, 1f
  lw t3, 0(t1)
  addi t3, t3, -1
  sw t3, 0(t1)
  bgez t3, interp_entry
  addi sp, sp, -48
  sw a0, 0(sp)
  sw a1, 4(sp)
  sw a2, 8(sp)
  sw a3, 12(sp)
  sw a4, 16(sp)
  sw a5, 20(sp)
  sw a6, 24(sp)
  sw a7, 28(sp)
  sw ra, 32(sp)
  sw t2, 36(sp)
  mv a0, t1
  lw t1, D_INSTANCE(t2)
  lw t1, -I_CALL_SERVICE(t1)
  jalr t1
  lw a0, 0(sp)
  lw a1, 4(sp)
  lw a2, 8(sp)
  lw a3, 12(sp)
  lw a4, 16(sp)
  lw a5, 20(sp)
  lw a6, 24(sp)
  lw a7, 28(sp)
  lw ra, 32(sp)
  lw t2, 36(sp)
  addi sp, sp, 48
  j interp_entry
1:
  lw t1, 8(t1)
  sw t3, 0(t1)
  jr t3

/* t2 is the descriptor. */
GLOBAL interp_entry
  addi sp, sp, -SAVED_BYTES
  sw a0, 0(sp)
  sw a1, 4(sp)
  sw a2, 8(sp)
  sw a3, 12(sp)
  sw a4, 16(sp)
  sw a5, 20(sp)
  sw a6, 24(sp)
  sw a7, 28(sp)
  sw ra, 32(sp)
  sw s0, 36(sp)
  sw s1, 40(sp)
  sw s2, 44(sp)
  sw s3, 48(sp)
  sw s4, 52(sp)
  sw s5, 56(sp)
  sw s6, 60(sp)
  sw s7, 64(sp)
  mv a2, t2
  lw s0, D_CODE(a2)
  lw s6, D_INSTANCE(a2)
  LOAD_LIMIT
  lw t1, -I_MEMORY(s6)
  lw s3, 4(t1)
  lw a3, D_SHAPE(a2)
  lw t1, SHAPE_RESULT_AREA(a3)
  lw t2, D_FRAME(a2)
  lw t3, -I_STACK_LIMIT(s6)
  sub t3, sp, t3
  add t4, t1, t2
  blt t3, t4, exhausted_at_entry
  mv s0, sp
  sub sp, sp, t1
  addi s1, sp, 8
  mv s7, a2
  lla ra, leave_to_other
  SAVE_LINK
  sub sp, sp, t2
  mv t3, sp
  lw t1, SHAPE_REGISTERS(a3)
  lw t2, SHAPE_WIDE_REGISTERS(a3)
  lw t4, SHAPE_STACK_SLOTS(a3)
  addi a4, s0, SAVED_BYTES
  add t4, t4, a4
  j 3f
1:
  lw t5, 0(s0)
  addi s0, s0, 4
  sw t5, 0(t3)
  andi t5, t2, 1
  srli t2, t2, 1
  beqz t5, 2f
  lw t5, 0(s0)
  addi s0, s0, 4
  sw t5, 4(t3)
2:
  addi t3, t3, 8
  addi t1, t1, -1
3:
  bnez t1, 1b
  j 5f
4:
  COPY_SLOT a4, t3
5:
  bne a4, t4, 4b
  j enter

exhausted_at_entry:
  STOP TRAP_CALL_STACK_EXHAUSTED

/* s0: where the words of a0-a7 lie; s7: descriptor; the results are in the area at sp. */
leave_to_other:
  sw a0, 0(s1)
  sw a1, 4(s1)
  lw t1, D_SHAPE(s7)
  lw a5, SHAPE_STACK(t1)
  lw t2, SHAPE_RESULTS(t1)
  addi t3, sp, 8
  mv t4, s0
  addi t5, s0, 16
  li a3, 2
  j 3f
1:
  lw a0, 0(t3)
  PUT_WORD
  lbu t6, SHAPE_RESULT_WORDS(t1)
  addi t1, t1, 1
  bne t6, a3, 2f
  lw a0, 4(t3)
  PUT_WORD
2:
  addi t3, t3, 8
  addi t2, t2, -1
3:
  bnez t2, 1b
  mv sp, s0
  LOAD_SAVED
  addi sp, sp, SAVED_BYTES
  add sp, sp, a5
  ret

/* --- linear memory --- */

/*
 * Place of the access -> t2. The short check knows neither width nor offset: MEMORY_MARGIN is enough for 8 bytes and an
 * offset of one byte.
 */
.macro ADDRESS index
  lb t1, 2(s0)
  bgeu \index, s4, 8f
  bltz t1, 8f
  add t2, \index, s3
  add t2, t2, t1
9:
.endm

.macro ADDRESS_LONG index, width
8:
  .ifnc \index,a2
  mv a2, \index
  .endif
  li a3, \width
  jal exact_address
  j 9b
.endm

.macro LOAD name, width, load, extend=none
HANDLER \name
  ADDRESS a0
  \load a0, 0(t2)
  .ifc \extend,s
  srai a1, a0, 31
  .endif
  .ifc \extend,u
  li a1, 0
  .endif
  NEXT 3
  ADDRESS_LONG a0, \width
.endm

LOAD i32_load, 4, lw
LOAD i32_load8_s, 1, lb
LOAD i32_load8_u, 1, lbu
LOAD i32_load16_s, 2, lh
LOAD i32_load16_u, 2, lhu
LOAD i64_load8_s, 1, lb, s
LOAD i64_load8_u, 1, lbu, u
LOAD i64_load16_s, 2, lh, s
LOAD i64_load16_u, 2, lhu, u
LOAD i64_load32_s, 4, lw, s
LOAD i64_load32_u, 4, lw, u

HANDLER i64_load
  ADDRESS a0
  lw a0, 0(t2)
  lw a1, 4(t2)
  NEXT 3
  ADDRESS_LONG a0, 8

.macro STORE name, width, store
HANDLER w_\name
  POP_LOW a2
  ADDRESS a2
  \store a0, 0(t2)
  NEXT_IN x, 3
  ADDRESS_LONG a2, \width
.endm

STORE i32_store, 4, sw
STORE i32_store8, 1, sb
STORE i32_store16, 2, sh

/* All eight bytes have passed the check before the first is written. */
HANDLER i64_store
  POP_LOW a2
  ADDRESS a2
  sw a0, 0(t2)
  sw a1, 4(t2)
  NEXT_IN x, 3
  ADDRESS_LONG a2, 8

/*
 * Reads the offset at P + 2, checks a2 + offset + width (a3) <= size in 33 bits; t2 is then the place, P two bytes before
 * the offset's last one.
 */
exact_address:
  mv a5, ra
  addi s0, s0, 1
  jal read_index
  addi s0, s0, -2
  add t1, t1, a2
  bltu t1, a2, outside
  lw t2, -I_MEMORY(s6)
  lw t2, 0(t2)
  bltu t2, a3, outside
  sub t2, t2, a3
  bgtu t1, t2, outside
  add t2, t1, s3
  jr a5

outside:
  STOP TRAP_OUT_OF_BOUNDS_MEMORY_ACCESS

HANDLER memory_size
  PUSH_TOP
  lw t1, -I_MEMORY(s6)
  lw a0, 0(t1)
  lw t1, 12(t1)
  divu a0, a0, t1
  NEXT 2

HANDLER memory_grow
  lw a1, -I_MEMORY(s6)
  lw t1, -I_GROW(s6)
  jalr t1
  LOAD_LIMIT
  NEXT 2

/* --- 32-bit integers --- */

.macro BINARY name, op
HANDLER i32_\name
  POP_LOW t1
  \op a0, t1, a0
  NEXT
.endm

BINARY add, add
BINARY sub, sub
BINARY mul, mul
BINARY and, and
BINARY or, or
BINARY xor, xor
BINARY shl, sll
BINARY shr_s, sra
BINARY shr_u, srl
BINARY lt_s, slt
BINARY lt_u, sltu
BINARY gt_s, sgt
BINARY gt_u, sgtu

.macro NOT_BINARY name, op
HANDLER i32_\name
  POP_LOW t1
  \op a0, t1, a0
  xori a0, a0, 1
  NEXT
.endm

NOT_BINARY le_s, sgt
NOT_BINARY le_u, sgtu
NOT_BINARY ge_s, slt
NOT_BINARY ge_u, sltu

.macro ROTATE name, one, other
HANDLER i32_\name
  POP_LOW t1
  neg t2, a0
  \one a0, t1, a0
  \other t1, t1, t2
  or a0, a0, t1
  NEXT
.endm

ROTATE rotl, sll, srl
ROTATE rotr, srl, sll

HANDLER i32_eqz
  seqz a0, a0
  NEXT

HANDLER i32_eq
  POP_LOW t1
  xor a0, t1, a0
  seqz a0, a0
  NEXT

HANDLER i32_ne
  POP_LOW t1
  xor a0, t1, a0
  snez a0, a0
  NEXT

HANDLER i32_div_s
  POP_LOW t1
  beqz a0, divide_by_zero
  li t2, -1
  beq a0, t2, 2f
1:
  div a0, t1, a0
  NEXT
2:
  lui t2, 0x80000
  bne t1, t2, 1b
  STOP TRAP_INTEGER_OVERFLOW

divide_by_zero:
  STOP TRAP_INTEGER_DIVIDE_BY_ZERO

/* The smallest number divided by -1 leaves 0, as wasm has it. */
.macro DIVIDE name, op
HANDLER i32_\name
  POP_LOW t1
  beqz a0, divide_by_zero
  \op a0, t1, a0
  NEXT
.endm

DIVIDE div_u, divu
DIVIDE rem_s, rem
DIVIDE rem_u, remu

.macro EXTEND name
HANDLER i32_extend\name\()_s
  slli a0, a0, 32 - \name
  srai a0, a0, 32 - \name
  NEXT

HANDLER i64_extend\name\()_s
  slli a0, a0, 32 - \name
  srai a0, a0, 32 - \name
  srai a1, a0, 31
  NEXT
.endm

EXTEND 8
EXTEND 16

/* --- 64-bit integers --- */

HANDLER i64_add
  POP_PAIR t1, t2
  add a0, t1, a0
  sltu t1, a0, t1
  add a1, t2, a1
  add a1, a1, t1
  NEXT

HANDLER i64_sub
  POP_PAIR t1, t2
  sltu t3, t1, a0
  sub a0, t1, a0
  sub a1, t2, a1
  sub a1, a1, t3
  NEXT

HANDLER i64_mul
  POP_PAIR t1, t2
  mul a1, t1, a1
  mul t2, t2, a0
  add a1, a1, t2
  mulhu t2, t1, a0
  mul a0, t1, a0
  add a1, a1, t2
  NEXT

.macro PAIR op
HANDLER i64_\op
  POP_PAIR t1, t2
  \op a0, t1, a0
  \op a1, t2, a1
  NEXT
.endm

PAIR and
PAIR or
PAIR xor

/* Hardware takes a shift's amount modulo 32: 31 - n is ~n. */
HANDLER i64_shl
  POP_PAIR t1, t2
  andi t3, a0, 32
  bnez t3, 1f
  sll a1, t2, a0
  not t3, a0
  srli t2, t1, 1
  srl t2, t2, t3
  or a1, a1, t2
  sll a0, t1, a0
  NEXT
1:
  sll a1, t1, a0
  li a0, 0
  NEXT

.macro SHIFT_RIGHT name, shift
HANDLER i64_\name
  POP_PAIR t1, t2
  andi t3, a0, 32
  bnez t3, 1f
  \shift a1, t2, a0
  not t3, a0
  slli t2, t2, 1
  sll t2, t2, t3
  srl a0, t1, a0
  or a0, a0, t2
  NEXT
1:
  \shift a0, t2, a0
  .ifc \name,shr_s
  srai a1, t2, 31
  .else
  li a1, 0
  .endif
  NEXT
.endm

SHIFT_RIGHT shr_u, srl
SHIFT_RIGHT shr_s, sra

HANDLER i64_eqz
  or a0, a0, a1
  seqz a0, a0
  NEXT

.macro EQUAL_PAIR name, set
HANDLER i64_\name
  POP_PAIR t1, t2
  xor a0, a0, t1
  xor a1, a1, t2
  or a0, a0, a1
  \set a0, a0
  NEXT
.endm

EQUAL_PAIR eq, seqz
EQUAL_PAIR ne, snez

.macro COMPARE_PAIR name, high, low, negate=0
HANDLER i64_\name
  POP_PAIR t1, t2
  beq t2, a1, 1f
  \high a0, t2, a1
  .if \negate
  xori a0, a0, 1
  .endif
  NEXT
1:
  \low a0, t1, a0
  .if \negate
  xori a0, a0, 1
  .endif
  NEXT
.endm

COMPARE_PAIR lt_s, slt, sltu
COMPARE_PAIR lt_u, sltu, sltu
COMPARE_PAIR gt_s, sgt, sgtu
COMPARE_PAIR gt_u, sgtu, sgtu
COMPARE_PAIR le_s, sgt, sgtu, 1
COMPARE_PAIR le_u, sgtu, sgtu, 1
COMPARE_PAIR ge_s, slt, sltu, 1
COMPARE_PAIR ge_u, sltu, sltu, 1

HANDLER i64_extend32_s
HANDLER i64_extend_i32_s
  srai a1, a0, 31
  NEXT

HANDLER i64_extend_i32_u
  li a1, 0
  NEXT

/* --- floats: signs here, the rest in C --- */

.macro SIGNS type, word
HANDLER \type\()_abs
  slli \word, \word, 1
  srli \word, \word, 1
  NEXT

HANDLER \type\()_neg
  lui t1, 0x80000
  xor \word, \word, t1
  NEXT
.endm

SIGNS f32, a0
SIGNS f64, a1

HANDLER f32_copysign
  POP_LOW t1
  slli t1, t1, 1
  srli t1, t1, 1
  srli a0, a0, 31
  slli a0, a0, 31
  or a0, a0, t1
  NEXT

HANDLER f64_copysign
  POP_PAIR a0, t1
  slli t1, t1, 1
  srli t1, t1, 1
  srli a1, a1, 31
  slli a1, a1, 31
  or a1, a1, t1
  NEXT

.macro ROUTINE name, words, operands, traps
HANDLER \name
  .if \operands == 2
    .if \words == 2
  mv a2, a0
  mv a3, a1
  POP_PAIR a0, a1
    .else
  mv a1, a0
  POP_LOW a0
    .endif
  .endif
  .if \traps
  TRAPPING \name
  .else
  call \name
  .endif
  NEXT
.endm

ROUTINES

/* --- tables and bulk instructions --- */

HANDLER prefix_fc
  jal read_index
  slli t1, t1, 2
  add t1, t1, s5
  lw t1, 1024(t1)
  jr t1

HANDLER table_get
  jal read_index
  RECORD a1, I_TABLES
  TRAPPING table_get
  NEXT

HANDLER table_set
  jal read_index
  RECORD a2, I_TABLES
  mv a1, a0
  POP_LOW a0
  TRAPPING table_set
  POP_TOP
  NEXT

HANDLER table_size
  PUSH_TOP
  jal read_index
  RECORD a0, I_TABLES
  lw a0, 0(a0)
  NEXT

HANDLER table_grow
  jal read_index
  RECORD a2, I_TABLES
  mv a1, a0
  POP_LOW a0
  call table_grow
  NEXT

/* Three operands, the record or pair of records in a3. */
.macro BULK name
  mv a2, a0
  lw a1, -8(s1)
  lw a0, -16(s1)
  addi s1, s1, -16
  TRAPPING \name
.endm

.macro PAIR_OF first, second
  addi sp, sp, -16
  sw \first, 0(sp)
  sw \second, 4(sp)
  mv a3, sp
.endm

HANDLER table_fill
  jal read_index
  RECORD a3, I_TABLES
  BULK table_fill
  POP_TOP
  NEXT

HANDLER memory_fill
  addi s0, s0, 1
  lw a3, -I_MEMORY(s6)
  BULK memory_fill
  POP_TOP
  NEXT

HANDLER memory_copy
  addi s0, s0, 2
  lw a3, -I_MEMORY(s6)
  BULK memory_copy
  POP_TOP
  NEXT

HANDLER memory_init
  jal read_index
  addi s0, s0, 1
  RECORD a2, I_DATA
  lw a1, -I_MEMORY(s6)
  PAIR_OF a1, a2
  BULK memory_init
  addi sp, sp, 16
  POP_TOP
  NEXT

/* The first index names the segment. */
HANDLER table_init
  jal read_index
  RECORD a2, I_ELEMENTS
  jal read_index
  RECORD a1, I_TABLES
  PAIR_OF a1, a2
  BULK table_init
  addi sp, sp, 16
  POP_TOP
  NEXT

HANDLER table_copy
  jal read_index
  RECORD a1, I_TABLES
  jal read_index
  RECORD a2, I_TABLES
  PAIR_OF a1, a2
  BULK table_copy
  addi sp, sp, 16
  POP_TOP
  NEXT

.macro DROP_SEGMENT name, list
HANDLER \name
  jal read_index
  RECORD a2, \list
  sw zero, 0(a2)
  NEXT
.endm

DROP_SEGMENT data_drop, I_DATA
DROP_SEGMENT elem_drop, I_ELEMENTS

#include "rv32-cache.inc"
#include "rv32-split.inc"

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
