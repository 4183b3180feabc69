@ Interrupts 0, 1 and 2 with the priorities 0x80, 0x40 and 0xC0 (where there are two bits: the same). Handlers append bytes at r7: the number on
@ entry, the number with bit 7 on exit. Interrupt 0 makes 1 and 2 pending: 1 nests, 2 waits and follows as a tail chain, on the same frame.
  .syntax unified
  .cpu cortex-m0
  .thumb
  .word 0x20008000
  .word start + 1
  .fill 14, 4, 0
  .word first + 1, second + 1, third + 1

  .thumb_func
start:
  ldr r7, =0x20000000
  ldr r0, =0xE000E400
  ldr r1, =0x00C04080
  str r1, [r0]
  ldr r0, =0xE000E100
  movs r1, #7
  str r1, [r0]
  ldr r6, =0xE000E200
  movs r1, #1
  str r1, [r6]          @ taken behind this instruction
  movs r1, #0xff
  strb r1, [r7]
  adds r7, #1
  cpsid i
  movs r1, #2
  str r1, [r6]          @ has to wait
  movs r1, #0xee
  strb r1, [r7]
  adds r7, #1
  cpsie i               @ taken behind this one
  movs r1, #0xdd
  strb r1, [r7]
  bkpt #0xab

  .thumb_func
first:
  movs r1, #0x10
  strb r1, [r7]
  adds r7, #1
  movs r1, #6
  str r1, [r6]
  movs r1, #0x90
  strb r1, [r7]
  adds r7, #1
  mov r2, sp
  ldr r0, =0x20000100
  str r2, [r0]
  bx lr
  .thumb_func
second:
  movs r1, #0x11
  strb r1, [r7]
  movs r1, #0x91
  strb r1, [r7, #1]
  adds r7, #2
  bx lr
  .thumb_func
third:
  mov r2, sp
  ldr r0, =0x20000104
  str r2, [r0]
  movs r1, #0x12
  strb r1, [r7]
  movs r1, #0x92
  strb r1, [r7, #1]
  adds r7, #2
  bx lr
  .pool
