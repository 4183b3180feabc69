@ Sets and clears bits of RAM at 0x20000104 and of a device's register at 0x40001000 by their aliases, and reads them; then reads the alias of
@ an address at which nothing is, whose BusFault notes BFAR at 0x20000014.
  .syntax unified
  .cpu cortex-m3
  .thumb
  .word 0x20008000
  .word start + 1
  .word 0, fault + 1

  .thumb_func
start:
  ldr r4, =0x20000000
  ldr r0, =0x22000000 + 0x104 * 32
  movs r1, #3
  str r1, [r0, #5 * 4]
  str r1, [r0, #31 * 4]
  strb r1, [r0, #0x20 + 1 * 4]   @ bit 1 of the byte at 0x20000105
  movs r1, #2
  str r1, [r0, #31 * 4]
  ldr r1, [r0, #5 * 4]
  str r1, [r4]
  ldr r1, [r0, #6 * 4]
  str r1, [r4, #4]
  ldr r0, =0x42000000 + 0x1000 * 32
  movs r1, #1
  str r1, [r0, #9 * 4]
  ldr r1, [r0, #9 * 4]
  str r1, [r4, #8]
  ldr r1, [r0, #0]
  str r1, [r4, #12]
  ldr r0, =0x42000000 + 0x8000 * 32
  ldr r1, [r0]
  bkpt #0xab
  .thumb_func
fault:
  ldr r0, =0xE000ED38
  ldr r0, [r0]
  str r0, [r4, #0x14]
  bkpt #0xab
  .pool
