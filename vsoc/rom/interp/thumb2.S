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

.macro NEXT length=1
  ldrb r12, [r4, #\length]!
  ldr pc, [r9, r12, lsl #2]
.endm

/* Goes on at P. */
.macro GO
  ldrb r12, [r4]
  ldr pc, [r9, r12, lsl #2]
.endm

.macro PUSH_TOP set
  .ifc \set,n
  str r0, [r5], #8
  .else
  strd r0, r1, [r5], #8
  .endif
.endm

.macro POP_TOP set
  .ifc \set,n
  ldr r0, [r5, #-8]!
  .else
  ldrd r0, r1, [r5, #-8]!
  .endif
.endm

/* Takes the branch that S describes. */
.macro TAKE
  ldrd r4, r6, [r6]
  lsls r2, r6, #31
  bne take_with_operands
  GO
.endm

/* Calls a routine that may trap: it may have saved and changed P by then. The context is 0 while no such call is under way. */
.macro TRAPPING name
  ldr r12, [r10, #-I_CONTEXT]
  str r4, [r12]
  bl \name
  movs r2, #0
  ldr r12, [r10, #-I_CONTEXT]
  str r2, [r12]
.endm

.macro LOAD_LIMIT
  ldr r2, [r10, #-I_MEMORY]
  ldr r2, [r2]
  subs r8, r2, #MEMORY_MARGIN
  it lo
  movlo r8, #0
.endm

/* Address of the record of index r2 in one of the instance's lists. Uses r3. */
.macro RECORD to, list
  ldr r3, [r10, #-\list]
  ldr \to, [r3, r2, lsl #2]
.endm

/* The next result word -> r3: r2 counts down to where the result buffer begins. */
.macro NEXT_WORD
  ldr r3, [r0], #4
  subs r2, #1
  it eq
  ldreq r0, [r10, #-I_RESULT_BUFFER]
.endm

/* r0 -> the next place of a result word; the same with r9. */
.macro PUT_WORD
  str r0, [r12], #4
  subs r9, #1
  it eq
  ldreq r12, [r10, #-I_RESULT_BUFFER]
.endm

.macro GLOBAL name
  .global \name
  .type \name, %function
  .thumb_func
\name:
.endm

.macro HANDLER name
  .thumb_func
h_\name:
.endm

GLOBAL interp_begin

/* --- constants and variables --- */

.macro VARIABLES set
HANDLER \set\()_local_get
  ldrb r2, [r4, #1]
  PUSH_TOP \set
  .ifc \set,n
  ldr r0, [sp, r2, lsl #3]
  .else
  add r2, sp, r2, lsl #3
  ldrd r0, r1, [r2]
  .endif
  NEXT 2

HANDLER \set\()_local_set
  ldrb r2, [r4, #1]
  .ifc \set,n
  str r0, [sp, r2, lsl #3]
  .else
  add r2, sp, r2, lsl #3
  strd r0, r1, [r2]
  .endif
  POP_TOP \set
  NEXT 2

HANDLER \set\()_local_tee
  ldrb r2, [r4, #1]
  .ifc \set,n
  str r0, [sp, r2, lsl #3]
  .else
  add r2, sp, r2, lsl #3
  strd r0, r1, [r2]
  .endif
  NEXT 2

HANDLER \set\()_global_get
  ldrb r2, [r4, #1]
  PUSH_TOP \set
  lsls r3, r2, #25
  bcs 1f
  ldr r3, [r10, r2, lsl #2]
  .ifc \set,n
  ldr r0, [r3]
  .else
  ldrd r0, r1, [r3]
  .endif
  NEXT 2
1:
  bl read_index
  ldr r3, [r10, r2, lsl #2]
  ldrd r0, r1, [r3]
  NEXT

HANDLER \set\()_global_set
  ldrb r2, [r4, #1]
  lsls r3, r2, #25
  bcs 1f
  ldr r3, [r10, r2, lsl #2]
  strd r0, r1, [r3]
  POP_TOP \set
  NEXT 2
1:
  bl read_index
  ldr r3, [r10, r2, lsl #2]
  strd r0, r1, [r3]
  POP_TOP \set
  NEXT

HANDLER \set\()_i32_const
  ldrb r2, [r4, #1]
  PUSH_TOP \set
  lsls r0, r2, #25
  bcs wide_i32_const
  asrs r0, r0, #25
  NEXT 2

HANDLER \set\()_drop
  POP_TOP \set
  NEXT

HANDLER \set\()_select
  cmp r0, #0
  .ifc \set,n
  ldr r2, [r5, #-8]!
  ldr r0, [r5, #-8]!
  it eq
  moveq r0, r2
  .else
  ldrd r2, r3, [r5, #-8]!
  ldrd r0, r1, [r5, #-8]!
  itt eq
  moveq r0, r2
  moveq r1, r3
  .endif
  NEXT
.endm

VARIABLES n
VARIABLES w

/* Bytes 2 to 5 of a constant; r2 is the first one. */
wide_i32_const:
  ldrb r3, [r4, #2]
  and r2, r2, #127
  lsls r12, r3, #25
  bcs 1f
  orr r0, r2, r12, asr #18
  NEXT 3
1:
  bfi r2, r3, #7, #7
  ldrb r3, [r4, #3]
  lsls r12, r3, #25
  bcs 1f
  orr r0, r2, r12, asr #11
  NEXT 4
1:
  bfi r2, r3, #14, #7
  ldrb r3, [r4, #4]
  lsls r12, r3, #25
  bcs 1f
  orr r0, r2, r12, asr #4
  NEXT 5
1:
  bfi r2, r3, #21, #7
  ldrb r3, [r4, #5]
  orr r0, r2, r3, lsl #28
  NEXT 6

/* Byte number \byte of a constant: seven bits to position \at of \word; the rest is its sign if it is the last. */
.macro CONST_LOW byte
  ldrb r2, [r4, #\byte + 1]
  bfi r0, r2, #7 * \byte, #7
  lsls r3, r2, #25
  bcs 1f
  sbfx r0, r0, #0, #7 * \byte + 7
  asrs r1, r0, #31
  NEXT \byte + 2
1:
.endm

.macro CONST_HIGH byte
  ldrb r2, [r4, #\byte + 1]
  bfi r1, r2, #7 * \byte - 32, #7
  lsls r3, r2, #25
  bcs 1f
  sbfx r1, r1, #0, #7 * \byte - 25
  NEXT \byte + 2
1:
.endm

HANDLER i64_const
  PUSH_TOP w
  CONST_LOW 0
  CONST_LOW 1
  CONST_LOW 2
  CONST_LOW 3
  /* The fifth byte has four bits of the low word and three of the high one. */
  ldrb r2, [r4, #5]
  bfi r0, r2, #28, #4
  lsrs r1, r2, #4
  lsls r3, r2, #25
  bcs 1f
  sbfx r1, r1, #0, #3
  NEXT 6
1:
  CONST_HIGH 5
  CONST_HIGH 6
  CONST_HIGH 7
  CONST_HIGH 8
  ldrb r2, [r4, #10]
  bfi r1, r2, #31, #1
  NEXT 11

HANDLER f32_const
  PUSH_TOP w
  ldr r0, [r4, #1]
  NEXT 5

HANDLER f64_const
  PUSH_TOP w
  ldr r0, [r4, #1]
  ldr r1, [r4, #5]
  NEXT 9

HANDLER ref_null
  PUSH_TOP w
  movs r0, #0
  NEXT 2

HANDLER ref_func
  PUSH_TOP w
  bl read_index
  RECORD r0, I_SLOTS
  NEXT

HANDLER select_t
  bl read_index
  add r4, r4, r2
  b h_w_select

/* local.get and its like with indices of any length */
HANDLER g_local_get
  PUSH_TOP w
  bl read_index
  add r2, sp, r2, lsl #3
  ldrd r0, r1, [r2]
  NEXT

HANDLER g_local_set
  bl read_index
  add r2, sp, r2, lsl #3
  strd r0, r1, [r2]
  POP_TOP w
  NEXT

HANDLER g_local_tee
  bl read_index
  add r2, sp, r2, lsl #3
  strd r0, r1, [r2]
  NEXT

/* Brings the last byte of an immediate that nobody reads to P + 1, then does what the wide set does. */
HANDLER skip
1:
  ldrb r2, [r4, #1]
  lsls r2, r2, #25
  itt cs
  addcs r4, #1
  bcs 1b
  sub r2, r9, #TABLE_BYTES
  ldr pc, [r2, r12, lsl #2]

/* The unsigned LEB128 number at P + 1 -> r2; P is then at its last byte. Uses r3, r12. */
read_index:
  ldrb r2, [r4, #1]!
  lsls r3, r2, #25
  it cc
  bxcc lr
  /* Linkers pad indices to five bytes: of bytes 2 to 5 only the last has no continuation bit. */
  ldr r3, [r4, #1]
  and r12, r3, #0x80808080
  eor r12, r12, #0x80000000
  cmp r12, #0x80808080
  bne 1f
  adds r4, #4
  and r2, r2, #127
  bfi r2, r3, #7, #7
  lsrs r3, r3, #8
  bfi r2, r3, #14, #7
  lsrs r3, r3, #8
  bfi r2, r3, #21, #7
  lsrs r3, r3, #8
  orr r2, r2, r3, lsl #28
  bx lr
1:
  and r2, r2, #127
  movs r3, #7
2:
  ldrb r12, [r4, #1]!
  lsl r12, r12, r3
  add r2, r2, r12
  adds r3, #7
  lsrs r12, r12, r3
  it eq
  bxeq lr
  /* The continuation bit was added too. */
  mov r12, #1
  lsl r12, r12, r3
  sub r2, r2, r12
  b 2b

/* --- control --- */

HANDLER unreachable
  udf #TRAP_UNREACHABLE

HANDLER illegal
  udf #ILLEGAL_OPCODE

HANDLER nop
  NEXT

HANDLER block
HANDLER loop
  NEXT 2

/* Where functions may become native: every arrival at a loop's header counts; branches to it lead here. S: {counter}. */
HANDLER counted_loop
  ldr r2, [r6], #8
  ldr r3, [r2]
  subs r3, #1
  str r3, [r2]
  bmi 1f
  NEXT 2
1:
  strd r0, r1, [r5]
  mov r0, r2
  ldr r3, [r10, #-I_LOOP_SERVICE]
  blx r3
  cbnz r0, 2f
  ldrd r0, r1, [r5]
  NEXT 2
2:
  /* Goes on in native code: r0. In its frame operands follow the locals (bytes: r3) without a slot between. */
  mov r6, r2
  add r3, sp, r3
  b 4f
3:
  ldrd r12, lr, [r3, #8]
  strd r12, lr, [r3], #8
4:
  cmp r3, r5
  blo 3b
  /* A call with this frame's address as its argument; behind it the function ends. */
  mov r3, r0
  mov r12, r1
  mov r4, r11
  mov r0, sp
  str r0, [r5, #8]!
  adds r5, #8
  b call_spilled

/* Where code yields on request: loops and calls look at the flag before they count. The service preserves r0 to r11. */
.macro SAFEPOINT name
HANDLER safepoint_\name
  ldr r3, [r10, #-I_YIELD]
  ldr r3, [r3]
  cmp r3, #0
  it ne
  blne yield
  b h_counted_\name
.endm

  SAFEPOINT loop
  SAFEPOINT call
  SAFEPOINT call_indirect
  SAFEPOINT return_call
  SAFEPOINT return_call_indirect

yield:
  push {r3, lr}
  ldr r3, [r10, #-I_YIELD_SERVICE]
  blx r3
  pop {r3, pc}

.macro BRANCHES set
HANDLER \set\()_if
  cmp r0, #0
  POP_TOP \set
  beq 1f
  adds r6, #8
  NEXT 2
1:
  TAKE

HANDLER \set\()_br_if
  cmp r0, #0
  POP_TOP \set
  bne 1f
  adds r6, #8
  NEXT 2
1:
  TAKE
.endm

BRANCHES n
BRANCHES w

/* At the end of a first arm: every operand is where it belongs. */
HANDLER else
  ldrd r4, r6, [r6]
  GO

HANDLER br
  TAKE

HANDLER br_table
  ldrb r2, [r4, #1]
  lsls r3, r2, #25
  bcs 2f
1:
  cmp r0, r2
  it hs
  movhs r0, r2
  add r6, r6, r0, lsl #3
  POP_TOP w
  TAKE
2:
  bl read_index
  b 1b

/* Moves what a branch carries; S is odd and points at {side table, bytes to drop, bytes to keep}. */
take_with_operands:
  subs r6, #1
  ldrd r2, r3, [r6, #4]
  ldr r6, [r6]
  cbz r3, 2f
  cmp r3, #8
  bne 3f
  subs r5, r5, r2
  GO
2:
  subs r5, r5, r2
  ldrd r0, r1, [r5]
  GO
3:
  strd r0, r1, [r5]
  sub r12, r5, r3
  add r12, r12, #8
  sub lr, r12, r2
  subs r5, r5, r2
4:
  ldrd r0, r1, [r12], #8
  strd r0, r1, [lr], #8
  subs r3, #8
  bne 4b
  GO

/* --- leaving a function --- */

HANDLER return
  ldrd r4, r6, [r6]
  b leave

HANDLER end
  cmp r4, r11
  beq leave
  NEXT

/* S is at the function's last entry: {bytes of the frame, number of results}. */
leave:
  ldrd r2, r3, [r6]
  cmp r3, #1
  bne 1f
  add sp, sp, r2
  pop {r4, r5, r6, r9, r11, pc}
1:
  bhi 2f
  add sp, sp, r2
  pop {r4, r5, r6, r9, r11, lr}
  POP_TOP w
  bx lr
2:
  /* All results but the last one go to the caller's operand stack, the last one stays in r0, r1. */
  strd r0, r1, [r5]
  add r2, sp, r2
  sub r5, r5, r3, lsl #3
  add r5, r5, #8
  ldr r12, [r2, #4]
3:
  ldrd r0, r1, [r5], #8
  strd r0, r1, [r12], #8
  subs r3, #1
  bne 3b
  sub r12, r12, #8
  str r12, [r2, #4]
  mov sp, r2
  pop {r4, r5, r6, r9, r11, pc}

/* --- calls --- */

/* Is the code at r3 an entry of a function of this instance that is interpreted? Where calls count: one that goes on so? */
.macro OWN_OR otherwise, counted
  ldr r12, [r10, #-I_ENTRIES]
  sub r12, r3, r12
  ldr lr, [r10, #-I_ENTRY_BYTES]
  cmp r12, lr
  bhs \otherwise
  .if \counted
  ldr r12, [r3, #D_PROFILE - 1]
  ldr lr, [r12]
  subs lr, lr, #1
  str lr, [r12]
  bmi \otherwise
  .endif
  subs r3, #1
.endm

/*
 * Calls the function of the index at P + 1: \own with the descriptor r3, or \other with the code r3 and the index r2. Where calls do not count, \own
 * stands behind, and so must LONG_FUNCTION.
 */
.macro FUNCTION counted, own, other
  ldrb r2, [r4, #1]
  lsls r3, r2, #25
  bcs 97f
  adds r4, #2
96:
  RECORD r3, I_SLOTS
  ldr r3, [r3]
  OWN_OR \other, \counted
  .if \counted
  b \own
  LONG_FUNCTION
  .endif
.endm

/* Where the index has several bytes. */
.macro LONG_FUNCTION
97:
  bl read_index
  adds r4, #1
  b 96b
.endm

HANDLER counted_call
  FUNCTION 1, call_own, call_other

HANDLER call
  FUNCTION 0, call_own, call_other

/* Calls the interpreted function with descriptor r3; P is where to go on. */
call_own:
  strd r0, r1, [r5], #8
  ldrd r0, r1, [r3, #D_FRAME]
  sub r5, r5, r1
  ldr r2, [r10, #-I_STACK_LIMIT]
  sub r2, sp, r2
  cmp r2, r0
  blt exhausted
  adr lr, continue + 1
  push {r4, r5, r6, r9, r11, lr}
  sub sp, sp, r0
  mov lr, sp
  cbz r1, enter
1:
  ldrd r0, r2, [r5], #8
  strd r0, r2, [lr], #8
  subs r1, #8
  bne 1b

/* Zeroes from lr on and starts the function with descriptor r3. */
enter:
  ldr r1, [r3, #D_ZERO]
  cbz r1, 2f
  movs r0, #0
  movs r2, #0
1:
  strd r0, r2, [lr], #8
  subs r1, #8
  bne 1b
2:
  mov r5, lr
  adds r3, #D_CODE
  ldm r3, {r4, r6, r9, r11}
  GO

  LONG_FUNCTION

  .align 2
continue:
  GO

/* P is behind the call: back into it, for the report. */
exhausted:
  subs r4, #1
  udf #TRAP_CALL_STACK_EXHAUSTED

/* Type index -> r2, slot of the table's element r0 -> r3, checked; P then at the last byte. */
.macro INDIRECT
  ldrb r2, [r4, #1]
  ldrb r3, [r4, #2]
  orr r12, r2, r3
  lsls r12, r12, #25
  bcs 8f
  adds r4, #2
7:
  ldr r12, [r10, #-I_TABLES]
  ldr r12, [r12, r3, lsl #2]
  ldr r3, [r12]
  cmp r0, r3
  bhs undefined_element
  ldr r12, [r12, #8]
  ldr r3, [r12, r0, lsl #2]
  cmp r3, #0
  beq uninitialized_element
  ldr r12, [r3, #4]
  ldr lr, [r10, #-I_TYPES]
  ldr lr, [lr, r2, lsl #2]
  cmp r12, lr
  bne type_mismatch
  ldr r3, [r3]
  POP_TOP w
  adds r4, #1
.endm

.macro INDIRECT_LONG
8:
  bl read_index
  mov lr, r2
  push {r1, lr}
  bl read_index
  mov r3, r2
  pop {r1, r2}
  b 7b
.endm

.macro CALL_INDIRECT counted
  INDIRECT
  OWN_OR 1f, \counted
  b call_own
1:
  ldr r12, [r10, #-I_TYPE_SHAPES]
  ldr r12, [r12, r2, lsl #2]
  b call_code
  INDIRECT_LONG
.endm

HANDLER call_indirect
  CALL_INDIRECT 0

HANDLER counted_call_indirect
  CALL_INDIRECT 1

undefined_element:
  udf #TRAP_UNDEFINED_ELEMENT
uninitialized_element:
  udf #TRAP_UNINITIALIZED_ELEMENT
type_mismatch:
  udf #TRAP_INDIRECT_CALL_TYPE_MISMATCH

call_other:
  ldr r12, [r10, #-I_FUNCTION_SHAPES]
  ldr r12, [r12, r2, lsl #2]

/* Calls the code at r3 under the native ABI; r12 is the type's shape. */
call_code:
  strd r0, r1, [r5], #8
call_spilled:
  ldr r0, [r12, #SHAPE_PARAMETERS]
  subs r5, r5, r0
  ldr r1, [r12, #SHAPE_STACK]
  ldr r2, [r10, #-I_STACK_LIMIT]
  sub r2, sp, r2
  cmp r2, r1
  blt exhausted
  push {r6, r12}
  mov r6, r3
  sub sp, sp, r1
  ldr r2, [r12, #SHAPE_REGISTERS]
  add r0, r5, r2, lsl #3
  ldr r1, [r12, #SHAPE_STACK_SLOTS]
  cbz r1, 2f
  mov lr, sp
1:
  ldrd r2, r3, [r0], #8
  strd r2, r3, [lr], #8
  subs r1, #8
  bne 1b
2:
  sub sp, #16
  mov lr, sp
  ldrd r2, r3, [r12, #SHAPE_REGISTERS]
  mov r0, r5
  cbz r2, 4f
3:
  ldrd r1, r12, [r0], #8
  str r1, [lr], #4
  lsrs r3, r3, #1
  it cs
  strcs r12, [lr], #4
  subs r2, #1
  bne 3b
4:
  pop {r0-r3}
  blx r6
  pop {r6, r12}
  ldr lr, [r12, #SHAPE_RESULTS]
  cmp lr, #1
  beq 8f
  bhi 5f
  POP_TOP w
  b 8f
5:
  /* Words: the first four in registers, the others in the result buffer. */
  push {r0-r3}
  mov r0, sp
  add r1, r12, #SHAPE_RESULT_WORDS
  movs r2, #4
6:
  NEXT_WORD
  str r3, [r5], #4
  ldrb r12, [r1], #1
  cmp r12, #2
  bne 7f
  NEXT_WORD
7:
  str r3, [r5], #4
  subs lr, #1
  bne 6b
  add sp, #16
  POP_TOP w
8:
  LOAD_LIMIT
  GO

/* --- tail calls: the frame goes, its link stays --- */

/* What interp_entry pushes: words of r0-r3, descriptor, registers. */
.set SAVED_BYTES, 56
.set SAVED_REGISTERS, 20
.set REPLACE_BYTES, 56

HANDLER counted_return_call
  FUNCTION 1, replace_frame, replace_by_function

HANDLER return_call
  FUNCTION 0, replace_frame, replace_by_function

replace_frame:
  ldr r2, [r6, #4]
  ldr r2, [r2]
  add r2, sp, r2
  strd r0, r1, [r5], #8
  ldrd r0, r1, [r3, #D_FRAME]
  sub r5, r5, r1
  sub r12, r2, r0
  ldr lr, [r10, #-I_STACK_LIMIT]
  subs lr, r12, lr
  bmi exhausted
  cmp r12, r5
  bhi 6f
  /* Down: nothing that is still needed may lie below sp. */
  mov lr, sp
  cmp r12, lr
  bhs 4f
  mov sp, r12
4:
  mov lr, r12
  cbz r1, 5f
7:
  ldrd r0, r2, [r5], #8
  strd r0, r2, [lr], #8
  subs r1, #8
  bne 7b
5:
  mov sp, r12
  b enter
6:
  adds r5, r5, r1
  add lr, r12, r1
  mov r6, lr
  cbz r1, 9f
8:
  ldrd r0, r2, [r5, #-8]!
  strd r0, r2, [lr, #-8]!
  subs r1, #8
  bne 8b
9:
  mov lr, r6
  mov sp, r12
  b enter
  LONG_FUNCTION

/* r2 is the function's index. */
replace_by_function:
  ldr r12, [r10, #-I_FUNCTION_SHAPES]
  ldr r12, [r12, r2, lsl #2]

/*
 * Jumps to the code at r3, whose type has shape r12. Where our own caller is interpreted, the code is called and then the
 * function ends: that code's own tail calls replace its frame, so that the stack does not grow further.
 */
replace_by_other:
  strd r0, r1, [r5], #8
  ldr r2, [r6, #4]
  ldr r2, [r2]
  add r2, sp, r2
  ldr r0, [r2, #20]
  adr r1, leave_to_other + 1
  cmp r0, r1
  beq 1f
  ldrd r4, r6, [r6]
  b call_spilled
1:
  ldr r0, [r12, #SHAPE_PARAMETERS]
  subs r5, r5, r0
  ldr r4, [r2]
  ldr r11, [r2, #16]
  /* The new stack arguments end where the old ones end. */
  ldr r1, [r11, #D_SHAPE]
  ldr r1, [r1, #SHAPE_STACK]
  add r1, r1, r4
  ldr r0, [r12, #SHAPE_STACK]
  subs r1, r1, r0
  add r11, r1, #SAVED_BYTES
  /* Below all: arguments in registers, saved registers, the code's address. */
  sub sp, #REPLACE_BYTES
  mov lr, sp
  ldrd r8, r9, [r12, #SHAPE_REGISTERS]
  mov r0, r5
  cmp r8, #0
  beq 3f
2:
  ldrd r1, r2, [r0], #8
  str r1, [lr], #4
  lsrs r9, r9, #1
  it cs
  strcs r2, [lr], #4
  subs r8, #1
  bne 2b
3:
  str r3, [sp, #REPLACE_BYTES - 4]
  add r1, r4, #SAVED_REGISTERS
  add r2, sp, #16
  mov r9, #9
4:
  ldr r3, [r1], #4
  str r3, [r2], #4
  subs r9, #1
  bne 4b
  ldr r9, [r12, #SHAPE_STACK_SLOTS]
  add r0, r0, r9
  add r1, r11, r9
  cmp r9, #0
  beq 6f
5:
  ldrd r2, r3, [r0, #-8]!
  strd r2, r3, [r1, #-8]!
  subs r9, #8
  bne 5b
6:
  add r0, sp, #REPLACE_BYTES
  mov r9, #REPLACE_BYTES
7:
  ldrd r2, r3, [r0, #-8]!
  strd r2, r3, [r1, #-8]!
  subs r9, #8
  bne 7b
  mov sp, r1
  pop {r0-r3}
  pop {r4-r11, lr}
  ldr r12, [sp], #4
  bx r12

.macro RETURN_CALL_INDIRECT counted
  INDIRECT
  OWN_OR 1f, \counted
  b replace_frame
1:
  ldr r12, [r10, #-I_TYPE_SHAPES]
  ldr r12, [r12, r2, lsl #2]
  b replace_by_other
  INDIRECT_LONG
.endm

HANDLER return_call_indirect
  RETURN_CALL_INDIRECT 0

HANDLER counted_return_call_indirect
  RETURN_CALL_INDIRECT 1

/* --- from other code into an interpreted function and back --- */

/*
 * The same where functions may become native. The profile is {calls until the service is asked, native code or 0, slot}. Native code that is
 * reached here has been made to leave a mark at its next call: the mark is that the slot leads to it again.
 */
GLOBAL interp_counted_entry
  push {r0, r1}
  ldr r0, [r12, #D_PROFILE - 4]
  ldr r1, [r0, #4]
  cbnz r1, 2f
  ldr r1, [r0]
  subs r1, #1
  str r1, [r0]
  bmi 3f
1:
  pop {r0, r1}
  b interp_entry
2:
  ldr r12, [r0, #8]
  str r1, [r12]
  mov r12, r1
  pop {r0, r1}
  bx r12
3:
  push {r2, r3, r12, lr}
  ldr r3, [r12, #D_INSTANCE - 4]
  ldr r3, [r3, #-I_CALL_SERVICE]
  blx r3
  pop {r2, r3, r12, lr}
  b 1b

/* r12 is the descriptor, counted from the entry's second instruction. */
GLOBAL interp_entry
  push {r4-r11, lr}
  subs r12, #4
  push {r12}
  push {r0-r3}
  ldr r4, [r12, #D_CODE]
  ldr r10, [r12, #D_INSTANCE]
  LOAD_LIMIT
  ldr r2, [r10, #-I_MEMORY]
  ldr r7, [r2, #4]
  ldr r0, [r12, #D_SHAPE]
  ldr r1, [r0, #SHAPE_RESULT_AREA]
  ldr r3, [r12, #D_FRAME]
  add r3, r3, r1
  ldr r2, [r10, #-I_STACK_LIMIT]
  sub r2, sp, r2
  cmp r2, r3
  blt exhausted_at_entry
  mov r4, sp
  sub sp, sp, r1
  add r5, sp, #8
  mov r11, r12
  adr lr, leave_to_other + 1
  push {r4, r5, r6, r9, r11, lr}
  ldr r3, [r12, #D_FRAME]
  sub sp, sp, r3
  mov lr, sp
  ldrd r2, r3, [r0, #SHAPE_REGISTERS]
  ldr r1, [r0, #SHAPE_STACK_SLOTS]
  add r6, r4, #SAVED_BYTES
  cbz r2, 2f
1:
  ldr r0, [r4], #4
  str r0, [lr]
  lsrs r3, r3, #1
  itt cs
  ldrcs r0, [r4], #4
  strcs r0, [lr, #4]
  add lr, lr, #8
  subs r2, #1
  bne 1b
2:
  cbz r1, 4f
3:
  ldrd r0, r2, [r6], #8
  strd r0, r2, [lr], #8
  subs r1, #8
  bne 3b
4:
  mov r3, r11
  b enter

exhausted_at_entry:
  udf #TRAP_CALL_STACK_EXHAUSTED

/* r4: where the words of r0-r3 lie; r11: descriptor; the results are in the area at sp. */
  .align 2
leave_to_other:
  strd r0, r1, [r5]
  ldr r6, [r11, #D_SHAPE]
  ldr r3, [r6, #SHAPE_RESULTS]
  cbz r3, 3f
  add r2, sp, #8
  mov r12, r4
  mov r9, #4
  add r6, r6, #SHAPE_RESULT_WORDS
1:
  ldr r0, [r2]
  PUT_WORD
  ldrb lr, [r6], #1
  cmp lr, #2
  bne 2f
  ldr r0, [r2, #4]
  PUT_WORD
2:
  adds r2, #8
  subs r3, #1
  bne 1b
3:
  mov sp, r4
  pop {r0-r3}
  pop {r12}
  ldr r12, [r12, #D_SHAPE]
  ldr r12, [r12, #SHAPE_STACK]
  pop {r4-r11, lr}
  add sp, sp, r12
  bx lr

/* --- linear memory --- */

/*
 * Address in r3, offset read: [r3, r2] is then the place. The short check knows neither width nor offset:
 * MEMORY_MARGIN is enough for 8 bytes and an offset of one byte.
 */
.macro ADDRESS width
  ldrb r2, [r4, #2]
  cmp r3, r8
  bhs 8f
  lsls r12, r2, #25
  bcs 8f
  add r3, r3, r7
9:
.endm

.macro ADDRESS_LONG width
8:
  mov r12, #\width
  bl exact_address
  b 9b
.endm

.macro LOAD name, width, load, extend=none
HANDLER \name
  ldrb r2, [r4, #2]
  cmp r0, r8
  bhs 8f
  lsls r3, r2, #25
  bcs 8f
  add r3, r0, r7
9:
  \load r0, [r3, r2]
  .ifc \extend,s
  asrs r1, r0, #31
  .endif
  .ifc \extend,u
  movs r1, #0
  .endif
  NEXT 3
8:
  mov r3, r0
  mov r12, #\width
  bl exact_address
  b 9b
.endm

LOAD i32_load, 4, ldr
LOAD i32_load8_s, 1, ldrsb
LOAD i32_load8_u, 1, ldrb
LOAD i32_load16_s, 2, ldrsh
LOAD i32_load16_u, 2, ldrh
LOAD i64_load8_s, 1, ldrsb, s
LOAD i64_load8_u, 1, ldrb, u
LOAD i64_load16_s, 2, ldrsh, s
LOAD i64_load16_u, 2, ldrh, u
LOAD i64_load32_s, 4, ldr, s
LOAD i64_load32_u, 4, ldr, u

HANDLER i64_load
  mov r3, r0
  ADDRESS 8
  add r3, r3, r2
  ldr r0, [r3]
  ldr r1, [r3, #4]
  NEXT 3
  ADDRESS_LONG 8

.macro STORE set, name, width, store
HANDLER \set\()_\name
  ldr r3, [r5, #-8]!
  ADDRESS \width
  \store r0, [r3, r2]
  POP_TOP \set
  NEXT 3
  ADDRESS_LONG \width
.endm

.irp set, n, w
STORE \set, i32_store, 4, str
STORE \set, i32_store8, 1, strb
STORE \set, i32_store16, 2, strh
.endr

/* All eight bytes have passed the check before the first is written. */
HANDLER i64_store
  ldr r3, [r5, #-8]!
  ADDRESS 8
  add r3, r3, r2
  str r0, [r3]
  str r1, [r3, #4]
  POP_TOP w
  NEXT 3
  ADDRESS_LONG 8

/*
 * Reads the offset at P + 2, checks r3 + offset + width (r12) <= size in 33 bits; r3 is then the place and r2 = 0.
 * P is then two bytes before the offset's last one.
 */
exact_address:
  push {r3, r12, lr}
  adds r4, #1
  bl read_index
  subs r4, #2
  pop {r3, r12, lr}
  adds r3, r2, r3
  bcs outside
  ldr r2, [r10, #-I_MEMORY]
  ldr r2, [r2]
  subs r2, r2, r12
  blo outside
  cmp r3, r2
  bhi outside
  add r3, r3, r7
  movs r2, #0
  bx lr

outside:
  udf #TRAP_OUT_OF_BOUNDS_MEMORY_ACCESS

HANDLER memory_size
  PUSH_TOP w
  ldr r2, [r10, #-I_MEMORY]
  ldr r0, [r2]
  ldr r2, [r2, #12]
  udiv r0, r0, r2
  NEXT 2

HANDLER memory_grow
  ldr r1, [r10, #-I_MEMORY]
  ldr r2, [r10, #-I_GROW]
  blx r2
  LOAD_LIMIT
  NEXT 2

/* --- 32-bit integers --- */

.macro BINARY name, op:vararg
HANDLER i32_\name
  ldr r2, [r5, #-8]!
  \op
  NEXT
.endm

.macro COMPARE name, yes, no
HANDLER i32_\name
  ldr r2, [r5, #-8]!
  cmp r2, r0
  ite \yes
  mov\yes r0, #1
  mov\no r0, #0
  NEXT
.endm

BINARY add, adds r0, r2, r0
BINARY sub, subs r0, r2, r0
BINARY mul, muls r0, r2, r0
BINARY and, ands r0, r2
BINARY or, orrs r0, r2
BINARY xor, eors r0, r2
BINARY rotr, ror r0, r2, r0

.macro SHIFT name, op
HANDLER i32_\name
  ldr r2, [r5, #-8]!
  and r0, r0, #31
  \op r0, r2, r0
  NEXT
.endm

SHIFT shl, lsl
SHIFT shr_s, asr
SHIFT shr_u, lsr

HANDLER i32_rotl
  ldr r2, [r5, #-8]!
  rsbs r0, r0, #0
  ror r0, r2, r0
  NEXT

HANDLER i32_eqz
  clz r0, r0
  lsrs r0, r0, #5
  NEXT

HANDLER i32_eq
  ldr r2, [r5, #-8]!
  subs r0, r2, r0
  clz r0, r0
  lsrs r0, r0, #5
  NEXT

HANDLER i32_ne
  ldr r2, [r5, #-8]!
  subs r0, r2, r0
  it ne
  movne r0, #1
  NEXT

COMPARE lt_s, lt, ge
COMPARE gt_s, gt, le
COMPARE le_s, le, gt
COMPARE ge_s, ge, lt

/* Unsigned comparisons: the carry is the answer. */
HANDLER i32_lt_u
  ldr r2, [r5, #-8]!
  cmp r2, r0
  sbcs r0, r0, r0
  lsrs r0, r0, #31
  NEXT

HANDLER i32_gt_u
  ldr r2, [r5, #-8]!
  cmp r0, r2
  sbcs r0, r0, r0
  lsrs r0, r0, #31
  NEXT

HANDLER i32_le_u
  ldr r2, [r5, #-8]!
  cmp r0, r2
  mov r0, #0
  adcs r0, r0
  NEXT

HANDLER i32_ge_u
  ldr r2, [r5, #-8]!
  cmp r2, r0
  mov r0, #0
  adcs r0, r0
  NEXT

HANDLER i32_clz
  clz r0, r0
  NEXT

HANDLER i32_ctz
  rbit r0, r0
  clz r0, r0
  NEXT

HANDLER i32_div_s
  ldr r2, [r5, #-8]!
  cbz r0, divide_by_zero
  cmp r0, #-1
  beq 2f
1:
  sdiv r0, r2, r0
  NEXT
2:
  cmp r2, #0x80000000
  bne 1b
  udf #TRAP_INTEGER_OVERFLOW

divide_by_zero:
  udf #TRAP_INTEGER_DIVIDE_BY_ZERO

HANDLER i32_div_u
  ldr r2, [r5, #-8]!
  cmp r0, #0
  beq divide_by_zero
  udiv r0, r2, r0
  NEXT

.macro REMAINDER name, divide
HANDLER i32_\name
  ldr r2, [r5, #-8]!
  cmp r0, #0
  beq divide_by_zero
  \divide r3, r2, r0
  mls r0, r3, r0, r2
  NEXT
.endm

REMAINDER rem_s, sdiv
REMAINDER rem_u, udiv

HANDLER i32_extend8_s
  sxtb r0, r0
  NEXT

HANDLER i32_extend16_s
  sxth r0, r0
  NEXT

/* --- 64-bit integers --- */

.macro PAIR name, low, high
HANDLER i64_\name
  ldrd r2, r3, [r5, #-8]!
  \low r0, r2, r0
  \high r1, r3, r1
  NEXT
.endm

PAIR add, adds, adcs
PAIR sub, subs, sbcs
PAIR and, ands, ands
PAIR or, orrs, orrs
PAIR xor, eors, eors

HANDLER i64_mul
  ldrd r2, r3, [r5, #-8]!
  mul r1, r2, r1
  mla r1, r3, r0, r1
  umull r0, r3, r2, r0
  add r1, r1, r3
  NEXT

/* Shifts of words by 32 to 255 give 0, so that each word is the sum of what may reach it. */
HANDLER i64_shl
  ldrd r2, r3, [r5, #-8]!
  and r0, r0, #63
  lsl r3, r3, r0
  rsb r1, r0, #32
  lsr r1, r2, r1
  orr r3, r3, r1
  sub r1, r0, #32
  lsl r1, r2, r1
  orr r1, r3, r1
  lsl r0, r2, r0
  NEXT

HANDLER i64_shr_u
  ldrd r2, r3, [r5, #-8]!
  and r1, r0, #63
  lsr r2, r2, r1
  rsb r0, r1, #32
  lsl r0, r3, r0
  orr r2, r2, r0
  sub r0, r1, #32
  lsr r0, r3, r0
  orr r0, r2, r0
  lsr r1, r3, r1
  NEXT

HANDLER i64_shr_s
  ldrd r2, r3, [r5, #-8]!
  and r1, r0, #63
  lsr r2, r2, r1
  rsb r0, r1, #32
  lsl r0, r3, r0
  orr r0, r2, r0
  subs r2, r1, #32
  it pl
  asrpl r0, r3, r2
  asr r1, r3, r1
  NEXT

HANDLER i64_eqz
  orrs r0, r1
  clz r0, r0
  lsrs r0, r0, #5
  NEXT

HANDLER i64_eq
  ldrd r2, r3, [r5, #-8]!
  eors r0, r2
  eors r1, r3
  orrs r0, r1
  clz r0, r0
  lsrs r0, r0, #5
  NEXT

HANDLER i64_ne
  ldrd r2, r3, [r5, #-8]!
  eors r0, r2
  eors r1, r3
  orrs r0, r1
  it ne
  movne r0, #1
  NEXT

.macro COMPARE_PAIR name, low, low2, high, high2, yes, no
HANDLER i64_\name
  ldrd r2, r3, [r5, #-8]!
  cmp \low, \low2
  sbcs \high, \high, \high2
  ite \yes
  mov\yes r0, #1
  mov\no r0, #0
  NEXT
.endm

COMPARE_PAIR lt_s, r2, r0, r3, r1, lt, ge
COMPARE_PAIR lt_u, r2, r0, r3, r1, lo, hs
COMPARE_PAIR gt_s, r0, r2, r1, r3, lt, ge
COMPARE_PAIR gt_u, r0, r2, r1, r3, lo, hs
COMPARE_PAIR le_s, r0, r2, r1, r3, ge, lt
COMPARE_PAIR le_u, r0, r2, r1, r3, hs, lo
COMPARE_PAIR ge_s, r2, r0, r3, r1, ge, lt
COMPARE_PAIR ge_u, r2, r0, r3, r1, hs, lo

HANDLER i64_extend_i32_s
  asrs r1, r0, #31
  NEXT

HANDLER i64_extend_i32_u
  movs r1, #0
  NEXT

HANDLER i64_extend8_s
  sxtb r0, r0
  asrs r1, r0, #31
  NEXT

HANDLER i64_extend16_s
  sxth r0, r0
  asrs r1, r0, #31
  NEXT

HANDLER i64_extend32_s
  asrs r1, r0, #31
  NEXT

/* --- floats: signs here, the rest in C --- */

HANDLER f32_abs
  bic r0, r0, #0x80000000
  NEXT

HANDLER f32_neg
  eor r0, r0, #0x80000000
  NEXT

HANDLER f32_copysign
  ldr r2, [r5, #-8]!
  and r0, r0, #0x80000000
  bic r2, r2, #0x80000000
  orrs r0, r2
  NEXT

HANDLER f64_abs
  bic r1, r1, #0x80000000
  NEXT

HANDLER f64_neg
  eor r1, r1, #0x80000000
  NEXT

HANDLER f64_copysign
  ldrd r0, r3, [r5, #-8]!
  and r1, r1, #0x80000000
  bic r3, r3, #0x80000000
  orrs r1, r3
  NEXT

.macro ROUTINE name, words, operands, traps
HANDLER \name
  .if \operands == 2
    .if \words == 2
  mov r2, r0
  mov r3, r1
  ldrd r0, r1, [r5, #-8]!
    .else
  mov r1, r0
  ldr r0, [r5, #-8]!
    .endif
  .endif
  .if \traps
  TRAPPING \name
  .else
  bl \name
  .endif
  NEXT
.endm

ROUTINES

/* --- tables and bulk instructions --- */

HANDLER prefix_fc
  bl read_index
  add r2, r9, r2, lsl #2
  ldr pc, [r2, #1024]

HANDLER table_get
  bl read_index
  RECORD r1, I_TABLES
  TRAPPING table_get
  NEXT

HANDLER table_set
  bl read_index
  RECORD r2, I_TABLES
  mov r1, r0
  ldr r0, [r5, #-8]!
  TRAPPING table_set
  POP_TOP w
  NEXT

HANDLER table_size
  PUSH_TOP w
  bl read_index
  RECORD r0, I_TABLES
  ldr r0, [r0]
  NEXT

HANDLER table_grow
  bl read_index
  RECORD r2, I_TABLES
  mov r1, r0
  ldr r0, [r5, #-8]!
  bl table_grow
  NEXT

/* Three operands, the record or pair of records in r3. */
.macro BULK name
  mov r2, r0
  ldr r1, [r5, #-8]!
  ldr r0, [r5, #-8]!
  TRAPPING \name
.endm

HANDLER table_fill
  bl read_index
  RECORD r3, I_TABLES
  BULK table_fill
  POP_TOP w
  NEXT

HANDLER memory_fill
  adds r4, #1
  ldr r3, [r10, #-I_MEMORY]
  BULK memory_fill
  POP_TOP w
  NEXT

HANDLER memory_copy
  adds r4, #2
  ldr r3, [r10, #-I_MEMORY]
  BULK memory_copy
  POP_TOP w
  NEXT

HANDLER memory_init
  bl read_index
  adds r4, #1
  RECORD r3, I_DATA
  ldr r2, [r10, #-I_MEMORY]
  push {r2, r3}
  mov r3, sp
  BULK memory_init
  add sp, #8
  POP_TOP w
  NEXT

/* The first index names the segment. */
HANDLER table_init
  bl read_index
  RECORD r1, I_ELEMENTS
  bl read_index
  RECORD r3, I_TABLES
  mov r2, r3
  mov r3, r1
  push {r2, r3}
  mov r3, sp
  BULK table_init
  add sp, #8
  POP_TOP w
  NEXT

HANDLER table_copy
  bl read_index
  RECORD r1, I_TABLES
  bl read_index
  RECORD r3, I_TABLES
  push {r1, r3}
  mov r3, sp
  BULK table_copy
  add sp, #8
  POP_TOP w
  NEXT

.macro DROP_SEGMENT name, list
HANDLER \name
  bl read_index
  RECORD r3, \list
  movs r2, #0
  str r2, [r3]
  NEXT
.endm

DROP_SEGMENT data_drop, I_DATA
DROP_SEGMENT elem_drop, I_ELEMENTS

GLOBAL interp_end
  nop

  .align 2
  .global interp_tables
  .type interp_tables, %function
interp_tables:
  TABLE n
  TABLE w
  TABLE g
