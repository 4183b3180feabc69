/* What the interpreter calls at a loop whose counter is used up, on RISC-V: four words come back in registers, which no function of C returns. */
        .text

        .global core_loop_service
        .type core_loop_service, @function
core_loop_service:
        addi sp, sp, -32
        sw ra, 16(sp)
        mv a1, sp
        call core_looped
        lw a0, 0(sp)
        lw a1, 4(sp)
        lw a2, 8(sp)
        lw a3, 12(sp)
        lw ra, 16(sp)
        addi sp, sp, 32
        ret
