/* Calls of the compiler on RISC-V, on a stack of its own. */
        .text

        .macro function name
        .global \name
        .type \name, @function
\name:
        .endm

        .equ FRAME_BYTES, 64

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

        .balign 4
        .global core_descriptor
        .type core_descriptor, @function
core_descriptor:
        .word 0
/* Address of struct state in RAM; the builder fills it in. */
        .global core_state
        .type core_state, @function
core_state:
        .word 0

/* const struct core *core_of(void) */
function core_of
        lla a0, core_descriptor
        lw a1, 0(a0)
        add a0, a0, a1
        ret

/* uint32_t core_landing(void): where a trap goes on */
function core_landing
        lla a0, landed
        ret

/* uint64_t core_enter(function, arguments, state, stack_top): what it returned; 1 in the upper word where it trapped */
function core_enter
        addi sp, sp, -FRAME_BYTES
        each_saved sw
        sw sp, 0(a2)
        mv t3, a0
        mv t0, a1
        mv sp, a3
        lw a0, 0(t0)
        lw a1, 4(t0)
        lw a2, 8(t0)
        lw a3, 12(t0)
        jalr t3
        li a1, 0
leave:  lw t0, core_state
        lw sp, 0(t0)
        sw zero, 0(t0)
        each_saved lw
        addi sp, sp, FRAME_BYTES
        ret

landed:
        li a0, 0
        li a1, 1
        j leave
