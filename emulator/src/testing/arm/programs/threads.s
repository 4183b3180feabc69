@ Two threads with floating-point registers on process stacks, switched by PendSV at every SysTick; each adds its own constant 200 times, and
@ waits for the other. Sums at 0x20000000 and 0x20000004. One thread runs unprivileged.
  .syntax unified
  .cpu cortex-m4
  .fpu fpv4-sp-d16
  .thumb
  .word 0x20008000
  .word start + 1
  .fill 9, 4, 0
  .word done + 1, 0, 0, pendsv + 1, systick + 1

  .thumb_func
start:
  ldr r0, =0xE000ED88
  mov r1, #0xf00000
  str r1, [r0]
  dsb
  isb
  ldr r0, =0xE000ED20   @ PendSV lowest
  mov r1, #0xff0000
  str r1, [r0]
  @ Thread 2's first frame: a basic one
  ldr r0, =0x20003000 - 64
  movs r1, #0
  movs r2, #16
1: str r1, [r0], #4
  subs r2, #1
  bne 1b
  ldr r0, =0x20003000 - 32
  ldr r1, =second
  str r1, [r0, #24]
  mov r1, #0x01000000
  str r1, [r0, #28]
  @ what PendSV keeps below it: r4 to r11 and LR (EXC_RETURN), and CONTROL
  ldr r1, =0xfffffffd
  stmdb r0!, {r1}
  sub r0, #32
  movs r1, #0           @ CONTROL: privileged
  stmdb r0!, {r1}
  ldr r1, =0x20000010
  str r0, [r1, #4]      @ the other one's stack
  ldr r0, =0x20002000
  msr psp, r0
  movs r0, #3           @ this one: unprivileged, process stack
  ldr r1, =0xE000E010
  movs r2, #96
  str r2, [r1, #4]
  str r2, [r1, #8]
  movs r2, #7
  str r2, [r1]
  msr control, r0
  isb
first:
  ldr r5, =0x20000000
  vmov.f32 s16, #1.5
  vmov.f32 s0, #0.5
  movs r4, #200
1: vadd.f32 s0, s0, s16
  vmul.f32 s1, s0, s16
  subs r4, #1
  bne 1b
  vstr s0, [r5]
2: ldr r0, [r5, #4]
  cmp r0, #0
  beq 2b
  svc #0
second:
  ldr r5, =0x20000000
  vmov.f32 s16, #0.25
  vmov.f32 s0, #0.5
  movs r4, #200
1: vadd.f32 s0, s0, s16
  vdiv.f32 s2, s0, s16
  subs r4, #1
  bne 1b
  vstr s0, [r5, #4]
  b .
  .thumb_func
systick:
  ldr r0, =0xE000ED04
  mov r1, #0x10000000
  str r1, [r0]
  bx lr
  .thumb_func
pendsv:
  mrs r0, psp
  tst lr, #0x10
  it eq
  vstmdbeq r0!, {s16-s31}
  mov r2, lr
  stmdb r0!, {r4-r11, lr}
  mrs r1, control
  stmdb r0!, {r1}
  ldr r3, =0x20000010
  ldr r12, [r3, #4]
  str r0, [r3, #4]
  mov r0, r12
  ldmia r0!, {r1}
  msr control, r1
  ldmia r0!, {r4-r11, lr}
  tst lr, #0x10
  it eq
  vldmiaeq r0!, {s16-s31}
  msr psp, r0
  ldr r0, =0x20000018
  ldr r1, [r0]
  adds r1, #1
  str r1, [r0]
  bx lr
  .thumb_func
done:
  bkpt #0xab
  .pool
