/*
 * Reset, faults and calls on Armv7-M. Faults run on the main stack, as everything does; each of them ends
 * the call under way: its exception returns to `landed`, which returns from `enter`.
 */
        .syntax unified
        .thumb
        .fpu fpv4-sp-d16
        .text

        .macro function name
        .global \name
        .type \name, %function
        .thumb_func
\name:
        .endm

/* System Control Block (Armv7-M ARM, B3.2.2). */
        .equ CPACR, 0xe000ed88
        .equ CFSR, 0xe000ed28
        .equ CP10_CP11_FULL_ACCESS, 0x00f00000
        .equ FPSCR_DN, 0x02000000
        .equ XPSR_T, 0x01000000

/* struct board */
        .equ BOARD_STATE, 0
        .equ BOARD_STACK_TOP, 4
        .equ BOARD_FPU, 8
/* struct state */
        .equ STATE_SP, 0
        .equ STATE_RESULTS, 4
        .equ STATE_PC, 20
        .equ STATE_CAUSE, 24
/* The frame that exception entry pushes (B1.5.6). */
        .equ FRAME_PC, 24
        .equ FRAME_XPSR, 28

        .balign 4
/* Address of struct board; the builder of the ELF file fills it in. */
function descriptor
        .word 0

function start
        ldr.w r0, descriptor
        ldr r1, [r0, #BOARD_STACK_TOP]
        mov sp, r1
        ldr r1, [r0, #BOARD_FPU]
        cbz r1, 1f
        movw r1, #:lower16:CPACR
        movt r1, #:upper16:CPACR
        ldr r2, [r1]
        orr r2, r2, #CP10_CP11_FULL_ACCESS
        str r2, [r1]
        dsb
        isb
        mov r1, #FPSCR_DN
        vmsr fpscr, r1
1:      bl board_main

/* uint32_t enter(code, arguments, stack_words, state) */
function enter
        push {r3-r11, lr}
        str sp, [r3, #STATE_SP]
        mov r12, r0
        add r4, r1, #16
        sub sp, sp, r2, lsl #2
        mov r5, sp
2:      cbz r2, 3f
        ldr r6, [r4], #4
        str r6, [r5], #4
        subs r2, r2, #1
        b 2b
3:      ldm r1, {r0-r3}
        blx r12
        ldr r12, [sp]
        add r12, r12, #STATE_RESULTS
        stm r12, {r0-r3}
        movs r0, #0
        pop {r3-r11, pc}

        .balign 4
landed:
        ldr.w r0, descriptor
        ldr r0, [r0, #BOARD_STATE]
        ldr r0, [r0, #STATE_SP]
        mov sp, r0
        movs r0, #1
        pop {r3-r11, pc}

function fault
        mrs r0, msp
        ldr.w r2, descriptor
        ldr r2, [r2, #BOARD_STATE]
        ldr r1, [r0, #FRAME_PC]
        str r1, [r2, #STATE_PC]
        movw r3, #:lower16:CFSR
        movt r3, #:upper16:CFSR
        ldr r1, [r3]
        str r1, [r2, #STATE_CAUSE]
        /* Its bits are cleared by writing ones. */
        str r1, [r3]
        adr.w r1, landed
        str r1, [r0, #FRAME_PC]
        /* Not in an IT block any more. */
        mov r1, #XPSR_T
        str r1, [r0, #FRAME_XPSR]
        bx lr

function semihost
        bkpt 0xab
        bx lr
