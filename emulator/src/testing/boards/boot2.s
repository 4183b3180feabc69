@ A second stage for RP2040 after the data sheet (2.8.1.3.1, 4.10): pads, quad mode in the flash's status, continuous reads, then the vector table behind it.
    .syntax unified
    .cpu cortex-m0plus
    .thumb
    .equ PADS_QSPI, 0x40020000
    .equ XIP_SSI, 0x18000000

    push {lr}
    ldr r3, =PADS_QSPI
    movs r0, #0x21
    str r0, [r3, #4]
    ldr r0, [r3, #8]
    movs r1, #2
    bics r0, r1
    str r0, [r3, #8]
    ldr r3, =XIP_SSI
    movs r1, #0
    str r1, [r3, #8]
    movs r1, #4
    str r1, [r3, #0x14]
    ldr r1, =0x00070000
    str r1, [r3]
    movs r1, #1
    str r1, [r3, #0x10]
    str r1, [r3, #8]
    @ Status register 2: is quad mode enabled?
    movs r0, #0x35
    str r0, [r3, #0x60]
    str r0, [r3, #0x60]
    bl ready
    ldr r0, [r3, #0x60]
    ldr r0, [r3, #0x60]
    cmp r0, #2
    bne failed
    @ A read in quad mode, which leaves the flash in continuous mode.
    movs r1, #0
    str r1, [r3, #8]
    ldr r1, =0x005f0300
    str r1, [r3]
    movs r1, #0
    str r1, [r3, #4]
    ldr r1, =0x00002221
    movs r2, #0xf4
    str r1, [r3, r2]
    movs r1, #1
    str r1, [r3, #8]
    movs r1, #0xeb
    str r1, [r3, #0x60]
    movs r1, #0xa0
    str r1, [r3, #0x60]
    bl ready
    movs r1, #0
    str r1, [r3, #8]
    ldr r1, =0xa0002022
    str r1, [r3, r2]
    movs r1, #1
    str r1, [r3, #8]
    @ The boot ROM calls with lr 0: into the vector table.
    pop {r0}
    cmp r0, #0
    beq 1f
    bx r0
1:  ldr r0, =0x10000100
    ldr r1, =0xe000ed08
    str r0, [r1]
    ldm r0, {r0, r1}
    msr msp, r0
    bx r1
failed:
    b failed

@ Until everything has been sent.
ready:
    ldr r1, [r3, #0x28]
    movs r0, #4
    tst r1, r0
    beq ready
    movs r0, #1
    tst r1, r0
    bne ready
    bx lr
    .align 2
    .ltorg
