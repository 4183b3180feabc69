/* Reset, faults and calls on a hart in machine mode. */
        .option arch, +zicsr, +zifencei

        .macro function name
        .global \name
        .type \name, @function
\name:
        .endm

        .equ FRAME_BYTES, 64

        .section .reset, "ax"
function start
        la t0, fault
        csrw mtvec, t0
        la sp, stack_top
        la t0, bss_begin
        la t1, bss_end
1:      bgeu t0, t1, 2f
        sw zero, 0(t0)
        addi t0, t0, 4
        j 1b
2:      call firmware_main
3:      j 3b

        .text
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

/* Nobody goes on behind a fault with the registers of before; there is no interrupt. */
        .balign 4
function fault
        csrr a0, mepc
        call fault_at
        csrw mepc, a0
        mret

function enter
        addi sp, sp, -FRAME_BYTES
        each_saved sw
        sw a2, 52(sp)
        la t0, frame
        sw sp, 0(t0)
        mv t3, a0
        mv t0, a1
        lw a0, 0(t0)
        lw a1, 4(t0)
        lw a2, 8(t0)
        lw a3, 12(t0)
        jalr t3
        li a2, 0
leave:  la t0, frame
        lw sp, 0(t0)
        lw t0, 52(sp)
        sw a2, 0(t0)
        each_saved lw
        addi sp, sp, FRAME_BYTES
        ret
        .balign 4
landed: li a2, 1
        j leave

function landing
        la a0, landed
        ret

function fetch_anew
        fence.i
        ret

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

        .lcomm frame, 4
