@ WFI with PRIMASK, WFE with SEV and SEVONPEND, SLEEPONEXIT. What happens is appended as bytes at r7.
  .syntax unified
  .cpu cortex-m0
  .thumb
  .word 0x20008000
  .word start + 1
  .fill 13, 4, 0
  .word systick + 1

  .macro note value
  movs r1, #\value
  strb r1, [r7]
  adds r7, #1
  .endm

  .thumb_func
start:
  ldr r7, =0x20000000
  ldr r6, =0xE000E010
  ldr r5, =0xE000ED04
  sev
  wfe                   @ the event is there
  note 1
  cpsid i
  bl oneshot
  wfi                   @ wakes up without taking SysTick
  note 2
  ldr r1, =0x02000000   @ not pending any more
  str r1, [r5]
  movs r1, #0x10        @ SEVONPEND
  str r1, [r5, #12]
  bl oneshot
  wfe                   @ wakes up by what is pending, and masked
  note 3
  cpsie i               @ SysTick is taken here
  note 4
  movs r1, #2           @ SLEEPONEXIT
  str r1, [r5, #12]
  bl oneshot
  wfi                   @ never comes back before SysTick's handler says so
  note 5
  bkpt #0xab

@ SysTick in 50 cycles, once.
  .thumb_func
oneshot:
  movs r1, #50
  str r1, [r6, #4]
  str r1, [r6, #8]
  movs r1, #7
  str r1, [r6]
  ldr r2, [r6, #8]
1: ldr r1, [r6, #8]
  cmp r1, #0
  beq 1b
  movs r1, #0
  str r1, [r6, #4]
  bx lr

  .thumb_func
systick:
  note 0x51
  ldr r2, =0x20000080   @ the third time: sleep no more on exit
  ldr r1, [r2]
  adds r1, #1
  str r1, [r2]
  cmp r1, #3
  bne 1f
  movs r1, #0
  str r1, [r5, #12]
1:
  movs r1, #100
  str r1, [r6, #4]
  str r1, [r6, #8]
  bx lr
  .pool
