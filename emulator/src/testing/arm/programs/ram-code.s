@ Puts a function into RAM where data was stored before, across the end of a block of 4 KiB, four times with another constant; adds up what
@ it returns at 0x20000000. The function begins with a 32-bit instruction whose halves lie on both sides.
  .syntax unified
  .cpu cortex-m3
  .thumb
  .word 0x20008000
  .word start + 1

  .thumb_func
start:
  ldr r4, =0x20003ffe
  ldr r5, =0x20003c00
  movs r0, #0
  mov r1, #0x800
1: strb r0, [r5], #1     @ stores make the pages fast
  subs r1, #1
  bne 1b
  movs r6, #0            @ sum
  movs r7, #1            @ constant
2:
  ldr r0, =0xf04f        @ mov.w r0, #constant
  strh r0, [r4]
  strh r7, [r4, #2]
  ldr r0, =0x4770        @ bx lr
  strh r0, [r4, #4]
  dsb
  isb
  mov r3, #3000          @ long enough for a sweep
3: adds r0, r4, #1
  blx r0
  add r6, r0
  str r6, [r4, #32]      @ data beside the code
  subs r3, #1
  bne 3b
  adds r7, #1
  cmp r7, #5
  bne 2b
  ldr r5, =0x20000000
  str r6, [r5]
  bkpt #0xab
  .pool
