@ Accesses that the MPU and the privilege forbid, one after the other. Each fault's handler appends four words at 0x20008000: the exception,
@ CFSR, the address that is valid (MMFAR or BFAR, else 0), the stacked PC; and goes on at r7.
  .syntax unified
  .cpu cortex-m3
  .thumb
  .word 0x20007000
  .word start + 1
  .word 0, note + 1, note + 1, note + 1, note + 1
  .word 0, 0, 0, 0
  .word done + 1

  .macro step instruction:vararg
  adr r7, 9f
  \instruction
  .balign 4
  nop
9:
  .endm

  .thumb_func
start:
  ldr r6, =0x20008000
  ldr r4, =0xE000ED00
  mov.w r0, #0x70000
  str r0, [r4, #0x24]
  ldr r0, =0x20001000   @ read only
  ldr r1, =0x20002000   @ privileged only
  ldr r2, =0x20002ffd   @ never executable
  .balign 4
  step str r0, [r0]
  step str r1, [r1]
  step ldrt r5, [r1]    @ unprivileged, though the code is not
  step strbt r5, [r1, #3]
  mov r5, #1
  msr control, r5
  isb
  .balign 4
  step ldr r5, [r0]
  step str r5, [r0, #4]
  step ldr r5, [r1]
  step ldr r5, [r4]
  subs r3, r1, #4
  .balign 4
  step ldm r3, {r5, r8}
  step bx r2
  svc #0

  .thumb_func
note:
  mrs r8, ipsr
  str r8, [r6]
  movw r10, #0xed28
  movt r10, #0xe000
  ldr r8, [r10]
  str r8, [r6, #4]
  str r8, [r10]         @ cleared
  mov r9, #0
  tst r8, #0x80
  it ne
  ldrne r9, [r10, #12]
  tst r8, #0x8000
  it ne
  ldrne r9, [r10, #16]
  str r9, [r6, #8]
  ldr r9, [sp, #24]
  str r9, [r6, #12]
  adds r6, #16
  str r7, [sp, #24]
  ldr r9, [sp, #28]     @ xPSR: T, no IT block
  bic r9, r9, #0x06000000
  bic r9, r9, #0xfc00
  orr r9, r9, #0x01000000
  str r9, [sp, #28]
  bx lr
  .thumb_func
done:
  bkpt #0xab
  .pool
