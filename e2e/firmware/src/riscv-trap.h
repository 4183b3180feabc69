/* Trap entry of machine mode with a whole frame: `trap` gets the registers, may change them, and returns the frame to go on with. */
#pragma once
#include "riscv.h"

#if __riscv_xlen == 64
#define LOAD "ld "
#define STORE "sd "
#define WORD "8"
#else
#define LOAD "lw "
#define STORE "sw "
#define WORD "4"
#endif

/* Words of a frame: x1 to x31 at their numbers but for gp, and in the places of x0 and gp: */
enum { FRAME_PC = 0, FRAME_SP = 2, FRAME_STATUS = 3, FRAME_A0 = 10, FRAME_A1 = 11, FRAME_A7 = 17, FRAME_WORDS = 32 };
#define MPP_MACHINE (3u << 11)
#define MPP_SUPERVISOR (1u << 11)
#define STATUS_MPIE (1u << 7)
#define INTERRUPT ((uintptr_t)1 << (__riscv_xlen - 1))

uintptr_t *trap(uintptr_t *frame);

#define EACH(operation) \
    operation(1) operation(5) operation(6) operation(7) operation(8) operation(9) operation(10) operation(11) operation(12) operation(13) operation(14) \
    operation(15) operation(16) operation(17) operation(18) operation(19) operation(20) operation(21) operation(22) operation(23) operation(24) \
    operation(25) operation(26) operation(27) operation(28) operation(29) operation(30) operation(31)
#define SAVE_ONE(number) STORE "x" #number ", " #number "*" WORD "(sp)\n"
#define LOAD_ONE(number) LOAD "x" #number ", " #number "*" WORD "(sp)\n"

/* mscratch holds the stack of machine mode while another mode runs, and 0 within machine mode. */
__attribute__((naked, used, aligned(4))) static void trap_entry(void)
{
    __asm volatile(
        "csrrw sp, mscratch, sp\n"
        "bnez sp, 1f\n"
        "csrr sp, mscratch\n"
        "1: addi sp, sp, -32*" WORD "\n" EACH(SAVE_ONE)
        "csrrw t0, mscratch, zero\n" STORE "t0, 2*" WORD "(sp)\n"
        "csrr t0, mepc\n" STORE "t0, 0(sp)\n"
        "csrr t0, mstatus\n" STORE "t0, 3*" WORD "(sp)\n"
        "mv a0, sp\n"
        "call trap\n"
        "mv sp, a0\n"
        LOAD "t0, 3*" WORD "(sp)\n"
        "csrw mstatus, t0\n"
        "li t1, 0x1800\n"
        "and t0, t0, t1\n"
        "beq t0, t1, 2f\n"
        "addi t0, sp, 32*" WORD "\n"
        "csrw mscratch, t0\n"
        "2:" LOAD "t0, 0(sp)\n"
        "csrw mepc, t0\n" EACH(LOAD_ONE)
        LOAD "sp, 2*" WORD "(sp)\n"
        "mret\n");
}
