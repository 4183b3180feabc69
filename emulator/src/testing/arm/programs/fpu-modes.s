@ What FPCCR and FPDSCR do: the bits of CONTROL.FPCA, seen in SVC's frame as EXC_RETURN at 0x20000000 and 0x20000004, and the FPSCR that a
@ handler begins with at 0x20000008.
  .syntax unified
  .cpu cortex-m4
  .fpu fpv4-sp-d16
  .thumb
  .word 0x20008000
  .word start + 1
  .fill 9, 4, 0
  .word svc + 1

  .thumb_func
start:
  ldr r0, =0xE000ED88
  mov r1, #0xf00000
  str r1, [r0]
  dsb
  isb
  ldr r4, =0x20000000
  vmov.f32 s0, #1.0
  svc #0                @ a frame with floats
  ldr r0, =0xE000EF34
  movs r1, #0           @ no automatic state
  str r1, [r0]
  mrs r1, control
  bic r1, #4
  msr control, r1
  isb
  vmov.f32 s0, #2.0
  svc #0                @ a basic frame
  mov r1, #0xc0000000
  str r1, [r0]
  mov r1, #0x00c00000   @ FPDSCR: round towards zero
  str r1, [r0, #8]
  vmov.f32 s0, #2.0
  vmrs r1, fpscr
  svc #1
  bkpt #0xab

  .thumb_func
svc:
  str lr, [r4], #4
  ldr r1, =0x20000008
  cmp r4, r1
  bls 1f
  vmov.f32 s1, #1.0
  vmrs r1, fpscr
  str r1, [r4, #-4]
1: bx lr
  .pool
