@ Cortex-M33: the frame of SVC would go below MSPLIM. UsageFault notes CFSR and SP at 0x20000000; it runs on the limit, moved down before.
  .syntax unified
  .arch armv8-m.main
  .thumb
  .word 0x20008000
  .word start + 1
  .word 0, note + 1, note + 1, note + 1, note + 1, 0, 0, 0, 0, svc + 1

  .thumb_func
start:
  ldr r0, =0xE000ED24
  mov r1, #0x70000
  str r1, [r0]
  ldr r0, =0x20007ff0
  msr msplim, r0
  svc #0
  bkpt #0xab
  .thumb_func
svc:
  bkpt #0xab
  .thumb_func
note:
  ldr r0, =0xE000ED28
  ldr r1, [r0]
  ldr r2, =0x20000000
  str r1, [r2]
  mov r1, sp
  str r1, [r2, #4]
  bkpt #0xab
  .pool
