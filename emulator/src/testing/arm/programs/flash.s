@ Stores of every kind to flash at 0x8000, which a controller takes: values 1, 2, 3, .. and what the base registers are then, from 0x20000000 on.
  .syntax unified
  .cpu cortex-m3
  .thumb
  .word 0x20008000
  .word start + 1

  .thumb_func
start:
  mov r0, #0x8000
  movs r1, #1
  str r1, [r0]
  movs r1, #2
  strh r1, [r0, #4]
  movs r1, #3
  strb r1, [r0, #7]
  movs r2, #8
  movs r1, #4
  str r1, [r0, r2]
  movs r1, #5
  add r3, r0, #12
  str r1, [r3], #4
  movs r1, #6
  strh r1, [r3, #2]!
  movs r4, #7
  movs r5, #8
  add r6, r0, #20
  stm r6!, {r4, r5}
  strd r5, r4, [r6], #8
  stmdb r6, {r4}
  cmp r0, r0
  itet eq
  streq r4, [r0, #40]
  movne r7, #1
  moveq r7, #9
  ldr r8, =0x20000000
  stm r8, {r3, r6, r7}
  bkpt #0xab
  .pool
