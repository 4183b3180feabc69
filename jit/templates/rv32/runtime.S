//@ march rv32imc
// Runtime routines that code of one memory shares. Placed once per memory in code memory.

//@ template bounds_entry
//@ doc Exact bounds check, entry for index register rs2; t1 holds the extent
//@ operand rs2 reg exclude x0
//@ operand target rel_jmp -2048..2046 step 2
//@ inputs rs2
//@ outputs t2
        c.mv t2, ${rs2}
        c.j ${target}

//@ template bounds_check
//@ doc Returns if the access ends inside the memory, otherwise traps; t0 tells who asked
//@ operand record addr32
//@ derive hi hi20 record
//@ derive lo lo12 record
//@ inputs t0 t1 t2 memory
//@ clobbers t1 t2
        c.add t1, t2
        bltu t1, t2, . + 18
        lui t2, ${hi}
        lw t2, ${lo}(t2)
        bltu t2, t1, . + 6
        c.jr t0
        c.ebreak
