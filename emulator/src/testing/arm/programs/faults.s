@ Vectors of which every fault's handler notes what it finds, and ends the program. A test puts its code at 0x200, and SVC's handler at 0x300.
@ r0 has 0x30000000 (nothing is there), r1 0x40000000 (nothing, never executable), r2 a misaligned address in RAM, r3 0, r4 0xE000ED00.
  .syntax unified
  .cpu cortex-m0
  .thumb
  .word 0x20008000
  .word start + 1
  .word note + 1, note + 1, note + 1, note + 1, note + 1
  .word 0, 0, 0, 0
  .word 0x300 + 1
  .word note + 1, 0, note + 1, note + 1
  .thumb_func
start:
  ldr r0, =0x30000000
  ldr r1, =0x40000000
  ldr r2, =0x20001001
  movs r3, #0
  ldr r4, =0xE000ED00
  ldr r5, =0x201
  bx r5

@ To RAM: the exception, EXC_RETURN, the stacked PC and xPSR, CFSR, HFSR, DFSR, MMFAR, BFAR, MSP.
  .thumb_func
note:
  mov r6, sp
  mov r7, lr
  ldr r5, =0x20000000
  mrs r0, ipsr
  str r0, [r5]
  str r7, [r5, #4]
  ldr r0, [r5, #0x40]
  cmp r0, #0          @ a test whose frame cannot be read sets this word
  bne 1f
  ldr r0, [r6, #24]
  str r0, [r5, #8]
  ldr r0, [r6, #28]
  str r0, [r5, #12]
1:
  ldr r4, =0xE000ED00
  ldr r0, [r4, #0x28]
  str r0, [r5, #16]
  ldr r0, [r4, #0x2c]
  str r0, [r5, #20]
  ldr r0, [r4, #0x30]
  str r0, [r5, #24]
  ldr r0, [r4, #0x34]
  str r0, [r5, #28]
  ldr r0, [r4, #0x38]
  str r0, [r5, #32]
  mov r0, sp
  str r0, [r5, #36]
  bkpt #0xab
  .pool
