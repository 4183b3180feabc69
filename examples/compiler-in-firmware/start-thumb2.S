/* Vectors, faults and calls on a Cortex-M4. */
        .syntax unified
        .thumb
        .fpu fpv4-sp-d16

        .macro function name
        .global \name
        .type \name, %function
        .thumb_func
\name:
        .endm

        .equ CPACR, 0xe000ed88
        .equ CFSR, 0xe000ed28

        .section .reset, "ax"
        .word stack_top, start
        .rept 14
        .word fault
        .endr

        .text
function start
        /* The floating-point unit, default NaN: jit/ABI.md, "Floats" */
        ldr r0, =CPACR
        ldr r1, [r0]
        orr r1, r1, #0xf00000
        str r1, [r0]
        dsb
        isb
        mov r1, #0x02000000
        vmsr fpscr, r1
        ldr r0, =bss_begin
        ldr r1, =bss_end
        movs r2, #0
1:      cmp r0, r1
        bhs 2f
        str r2, [r0], #4
        b 1b
2:      bl firmware_main
3:      b 3b

function fault
        push {r4, lr}
        add r4, sp, #8
        ldr r0, [r4, #24]
        bl fault_at
        /* To where it says, not in an IT block any more; the bits of the fault's status are cleared by writing ones. */
        str r0, [r4, #24]
        mov r1, #0x01000000
        str r1, [r4, #28]
        ldr r2, =CFSR
        ldr r1, [r2]
        str r1, [r2]
        pop {r4, pc}

function enter
        push {r2, r4-r11, lr}
        ldr r3, =frame
        str sp, [r3]
        orr r12, r0, #1
        ldm r1, {r0-r3}
        blx r12
        movs r3, #0
leave:  ldr r2, =frame
        ldr r2, [r2]
        mov sp, r2
        ldr r2, [sp]
        str r3, [r2]
        pop {r2, r4-r11, pc}
        .balign 4
landed: movs r3, #1
        b leave

function landing
        adr.w r0, landed
        bx lr

function fetch_anew
        dsb
        isb
        bx lr

function semihost
        bkpt 0xab
        bx lr

        .lcomm frame, 4
