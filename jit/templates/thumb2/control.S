//@ cpu cortex-m3
// Branches, calls, frames and traps. Conditional branches come in three reaches; the far form
// inverts the condition over an unconditional branch.

//@ template b_n
//@ doc Branch, +/-2 KiB
//@ operand target rel_jmp -2044..2050 step 2
        b.n ${target}

//@ template b_w
//@ doc Branch, +/-16 MiB
//@ operand target rel_jmp -16777212..16777218 step 2
        b.w ${target}

//@ template bcond_n
//@ doc Conditional branch, +/-256 bytes
//@ operand cond enum eq=0 ne=1 hs=2 lo=3 mi=4 pl=5 hi=8 ls=9 ge=10 lt=11 gt=12 le=13
//@ operand target rel_cond -252..258 step 2
//@ inputs flags
        b${cond}.n ${target}

//@ template bcond_w
//@ doc Conditional branch, +/-1 MiB
//@ operand cond enum eq=0 ne=1 hs=2 lo=3 mi=4 pl=5 hi=8 ls=9 ge=10 lt=11 gt=12 le=13
//@ operand target rel_cond -1048572..1048578 step 2
//@ inputs flags
        b${cond}.w ${target}

//@ template bcond_far
//@ doc Branch unless the inverse condition holds, +/-16 MiB
//@ operand inverse enum eq=0 ne=1 hs=2 lo=3 mi=4 pl=5 hi=8 ls=9 ge=10 lt=11 gt=12 le=13
//@ operand target rel_jmp -16777212..16777218 step 2
//@ inputs flags
        b${inverse}.n . + 6
        b.w ${target}

//@ template cbz
//@ doc Forward branch if rn is (cbz) or is not (cbnz) zero; no flags
//@ operand op enum cbz=0 cbnz=1
//@ operand rn reg low
//@ operand target rel_cond 4..130 step 2
//@ inputs rn
        ${op} ${rn}, ${target}

//@ template cmp0_bcond_n
//@ doc Branch if rn is (eq) or is not (ne) zero, +/-256 bytes
//@ operand rn reg low
//@ operand cond enum eq=0 ne=1
//@ operand target rel_cond -252..258 step 2
//@ inputs rn
//@ clobbers flags
        cmp.n ${rn}, #0
        b${cond}.n ${target}

//@ template cmp0_bcond_w
//@ doc Branch if rn is (eq) or is not (ne) zero, +/-1 MiB
//@ operand rn reg low
//@ operand cond enum eq=0 ne=1
//@ operand target rel_cond -1048572..1048578 step 2
//@ inputs rn
//@ clobbers flags
        cmp.n ${rn}, #0
        b${cond}.w ${target}

//@ template cmp0_bcond_far
//@ doc Branch unless the inverse condition on rn holds, +/-16 MiB
//@ operand rn reg low
//@ operand inverse enum eq=0 ne=1
//@ operand target rel_jmp -16777212..16777218 step 2
//@ inputs rn
//@ clobbers flags
        cmp.n ${rn}, #0
        b${inverse}.n . + 6
        b.w ${target}

//@ template bl
//@ doc Call a fixed address, +/-16 MiB
//@ operand target rel_jmp -16777212..16777218 step 2
//@ clobbers lr
        bl ${target}

//@ template blx_r
//@ doc Call through a register
//@ operand rm reg
//@ inputs rm
//@ clobbers lr
        blx ${rm}

//@ template bx_r
//@ doc Branch through a register
//@ operand rm reg
//@ inputs rm
        bx ${rm}

//@ template tbh
//@ doc Table branch: forward by twice the half-word at rn (the table follows at once)
//@ operand rn reg
//@ inputs rn
        tbh [pc, ${rn}, lsl #1]

//@ template table_entry
//@ doc One half-word of a branch table: half the distance from the table's start
//@ operand distance imm 0..65535
        .2byte ${distance}

//@ template udf
//@ doc Trap; the immediate names its kind
//@ operand kind imm 0..255
        udf.n #${kind}

//@ template svc
//@ doc System call
//@ operand number imm 0..255
        svc #${number}

//@ template push_n
//@ doc Save low registers and lr (bit 14)
//@ operand registers reglist r0-r7 lr
        push.n {${registers}}

//@ template push_w
//@ doc Save registers, at least two
//@ operand registers reglist r0-r12 lr least 2
        push.w {${registers}}

//@ template pop_n
//@ doc Restore low registers and return (pc is bit 15)
//@ operand registers reglist r0-r7 pc
        pop.n {${registers}}

//@ template pop_w
//@ doc Restore registers, at least two; pc returns
//@ operand registers reglist r0-r12 lr pc least 2 exclude lr+pc
        pop.w {${registers}}

//@ template sp_adjust_n
//@ doc sp +/- 0..508 (16 bits)
//@ operand op enum add=0 sub=1
//@ operand bytes imm 0..508 step 4
        ${op}.n sp, #${bytes}

//@ template sp_adjust_w
//@ doc sp +/- 0..4095
//@ operand op enum addw=0 subw=1
//@ operand bytes imm 0..4092 step 4
        ${op} sp, sp, #${bytes}

//@ template sp_adjust_r
//@ doc sp +/- rm
//@ operand op enum add=8 sub=13
//@ operand rm reg
//@ inputs rm
        ${op}.w sp, sp, ${rm}

//@ template sub_from_sp
//@ doc rd = sp - rm, flags set: carry clear means wrap
//@ operand rd reg
//@ operand rm reg
//@ inputs rm
//@ outputs rd
//@ clobbers flags
        subs.w ${rd}, sp, ${rm}
