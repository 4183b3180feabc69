/*
 * Reset, traps and calls on a hart in machine mode. A trap ends the call under way: the handler goes on
 * as if `enter` returned.
 */
        .option arch, +zicsr
        .text

        .macro function name
        .global \name
        .type \name, @function
\name:
        .endm

/* mstatus.FS = initial (privileged specification, 3.1.6.6) */
        .equ MSTATUS_FS, 0x2000

/* struct board */
        .equ BOARD_STATE, 0
        .equ BOARD_STACK_TOP, 4
        .equ BOARD_FPU, 8
/* struct state */
        .equ STATE_SP, 0
        .equ STATE_RESULTS, 4
        .equ STATE_PC, 20
        .equ STATE_CAUSE, 24
        .equ STATE_NUMBER, 28
/* The frame of `enter`: ra, s0-s11, state */
        .equ FRAME_BYTES, 64
        .equ FRAME_STATE, 52
        .equ ARGUMENT_REGISTERS, 8

        .balign 4
/* Address of struct board; the builder of the ELF file fills it in. */
function descriptor
        .word 0

function start
        lla t0, fault
        csrw mtvec, t0
        lw a0, descriptor
        lw sp, BOARD_STACK_TOP(a0)
        lw t0, BOARD_FPU(a0)
        beqz t0, 1f
        li t0, MSTATUS_FS
        csrs mstatus, t0
        /* fcsr: no flags, round to nearest */
        csrw 0x003, zero
1:      call board_main

        .macro each_saved instruction
        \instruction ra, 0(sp)
        \instruction s0, 4(sp)
        \instruction s1, 8(sp)
        \instruction s2, 12(sp)
        \instruction s3, 16(sp)
        \instruction s4, 20(sp)
        \instruction s5, 24(sp)
        \instruction s6, 28(sp)
        \instruction s7, 32(sp)
        \instruction s8, 36(sp)
        \instruction s9, 40(sp)
        \instruction s10, 44(sp)
        \instruction s11, 48(sp)
        .endm

/* uint32_t enter(code, arguments, stack_words, state) */
function enter
        addi sp, sp, -FRAME_BYTES
        each_saved sw
        sw a3, FRAME_STATE(sp)
        sw sp, STATE_SP(a3)
        mv t3, a0
        mv t0, a1
        addi t1, a1, 4 * ARGUMENT_REGISTERS
        slli t2, a2, 2
        sub sp, sp, t2
        mv t4, sp
2:      beqz a2, 3f
        lw t2, 0(t1)
        sw t2, 0(t4)
        addi t1, t1, 4
        addi t4, t4, 4
        addi a2, a2, -1
        j 2b
3:      lw a0, 0(t0)
        lw a1, 4(t0)
        lw a2, 8(t0)
        lw a3, 12(t0)
        lw a4, 16(t0)
        lw a5, 20(t0)
        lw a6, 24(t0)
        lw a7, 28(t0)
        jalr t3
        lw t0, FRAME_STATE(sp)
        sw a0, STATE_RESULTS(t0)
        sw a1, STATE_RESULTS + 4(t0)
        sw a2, STATE_RESULTS + 8(t0)
        sw a3, STATE_RESULTS + 12(t0)
        li a0, 0
leave:  each_saved lw
        addi sp, sp, FRAME_BYTES
        ret

/* mtvec wants it aligned. No register of the call is needed any more. */
        .balign 4
function fault
        lw t0, descriptor
        lw t0, BOARD_STATE(t0)
        csrr t1, mepc
        sw t1, STATE_PC(t0)
        csrr t1, mcause
        sw t1, STATE_CAUSE(t0)
        sw a7, STATE_NUMBER(t0)
        lw sp, STATE_SP(t0)
        li a0, 1
        j leave

/* The sequence is uncompressed and lies within one page (RISC-V Semihosting, 1.1). */
        .balign 16
        .option push
        .option norvc
function semihost
        slli zero, zero, 0x1f
        ebreak
        srai zero, zero, 7
        ret
        .option pop
