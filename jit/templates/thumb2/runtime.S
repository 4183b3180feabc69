//@ cpu cortex-m3
// Runtime routines that code of one memory shares. Placed once per memory in code memory.

//@ template bounds_entry
//@ doc Exact bounds check, entry for index register rn: r12 (extent) becomes the end of the access
//@ operand rn reg
//@ operand target rel_jmp -2044..2050 step 2
//@ inputs rn
        adds.w r12, r12, ${rn}
        b.n ${target}

//@ template bounds_check
//@ doc Returns if the access ends inside the memory, otherwise traps; lr tells who asked
//@ operand record addr32
//@ clobbers flags
        bcs.n . + 22
        push {r0}
        movw r0, #:lower16:${record}
        movt r0, #:upper16:${record}
        ldr r0, [r0]
        cmp r0, r12
        pop {r0}
        blo.n . + 4
        bx lr
        udf #3
