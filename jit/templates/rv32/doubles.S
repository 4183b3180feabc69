//@ march rv32imfdc
//@ requires d
// Double-precision arithmetic (D), as floats.S has it for single precision. RV32 has no move between a register
// pair and a double: those go through the frame.

//@ template d_rrr
//@ doc fd = fs1 OP fs2
//@ operand op enum fadd=0 fsub=1 fmul=2 fdiv=3
//@ operand fd freg
//@ operand fs1 freg
//@ operand fs2 freg
//@ inputs fs1 fs2
//@ outputs fd
        ${op}.d ${fd}, ${fs1}, ${fs2}, rne

//@ template d_sqrt
//@ doc fd = square root of fs1
//@ operand fd freg
//@ operand fs1 freg
//@ inputs fs1
//@ outputs fd
        fsqrt.d ${fd}, ${fs1}, rne

//@ template d_sign
//@ doc fd = fs1 with the sign of fs2 (fsgnj), its inverse (fsgnjn), or both signs multiplied (fsgnjx); NaNs keep their payload
//@ operand op enum fsgnj=0 fsgnjn=1 fsgnjx=2
//@ operand fd freg
//@ operand fs1 freg
//@ operand fs2 freg
//@ inputs fs1 fs2
//@ outputs fd
        ${op}.d ${fd}, ${fs1}, ${fs2}

//@ template d_minmax
//@ doc fd = lesser or greater of fs1 and fs2, -0 below 0; NaN if one of them is (fmin and fmax ignore one NaN)
//@ operand op enum fmin=0 fmax=1
//@ operand fd freg
//@ operand fs1 freg
//@ operand fs2 freg
//@ distinct fd fs1
//@ distinct fd fs2
//@ inputs fs1 fs2
//@ outputs fd
//@ clobbers t1 t2
        ${op}.d ${fd}, ${fs1}, ${fs2}
        feq.d t1, ${fs1}, ${fs1}
        feq.d t2, ${fs2}, ${fs2}
        and t1, t1, t2
        bnez t1, . + 8
        fadd.d ${fd}, ${fs1}, ${fs2}, rne

//@ template d_round
//@ doc fd = fs1 rounded to an integer: to nearest (ties to even), towards zero, down, up; keeps the sign of 0.
//@ doc Below 2^52 the sum with +/-2^52 has no fraction
//@ operand mode enum rne=0 rtz=1 rdn=2 rup=3
//@ operand fd freg f0-f30
//@ operand fs1 freg f0-f30
//@ distinct fd fs1
//@ inputs fs1
//@ outputs fd
//@ clobbers t1 f31
        lui t1, 0x59800
        fmv.w.x f31, t1
        fcvt.d.s f31, f31
        fsgnjx.d ${fd}, ${fs1}, ${fs1}
        flt.d t1, ${fd}, f31
        fmin.d ${fd}, ${fs1}, ${fs1}
        beqz t1, . + 20
        fsgnj.d f31, f31, ${fs1}
        fadd.d ${fd}, ${fs1}, f31, ${mode}
        fsub.d ${fd}, ${fd}, f31, rne
        fsgnj.d ${fd}, ${fd}, ${fs1}

//@ template d_cmp
//@ doc rd = 1 if fs1 OP fs2, otherwise 0; 0 on NaN
//@ operand op enum fle=0 flt=1 feq=2
//@ operand rd reg
//@ operand fs1 freg
//@ operand fs2 freg
//@ inputs fs1 fs2
//@ outputs rd
        ${op}.d ${rd}, ${fs1}, ${fs2}

//@ template d_to_int
//@ doc rd = whole part of fs1 as an integer, saturated; NaN gives the greatest
//@ operand op enum fcvt.w.d=0 fcvt.wu.d=1
//@ operand rd reg
//@ operand fs1 freg
//@ inputs fs1
//@ outputs rd
        ${op} ${rd}, ${fs1}, rtz

//@ template d_to_int_sat
//@ doc rd = whole part of fs1 as an integer, saturated; NaN gives 0
//@ operand op enum fcvt.w.d=0 fcvt.wu.d=1
//@ operand rd reg exclude t1
//@ operand fs1 freg
//@ inputs fs1
//@ outputs rd
//@ clobbers t1
        ${op} ${rd}, ${fs1}, rtz
        feq.d t1, ${fs1}, ${fs1}
        neg t1, t1
        and ${rd}, ${rd}, t1

//@ template d_from_int
//@ doc fd = integer in rs1, exactly
//@ operand op enum fcvt.d.w=0 fcvt.d.wu=1
//@ operand fd freg
//@ operand rs1 reg
//@ inputs rs1
//@ outputs fd
        ${op} ${fd}, ${rs1}

//@ template d_demote
//@ doc fd = double fs1 as a single, rounded to nearest
//@ operand fd freg
//@ operand fs1 freg
//@ inputs fs1
//@ outputs fd
        fcvt.s.d ${fd}, ${fs1}, rne

//@ template d_promote
//@ doc fd = single fs1 as a double
//@ operand fd freg
//@ operand fs1 freg
//@ inputs fs1
//@ outputs fd
        fcvt.d.s ${fd}, ${fs1}

//@ template fld
//@ doc fd = home slot at [rs1 + offset]; rs1 is sp, or t1 for far slots
//@ operand fd freg
//@ operand rs1 reg sp t1
//@ operand offset imm -2048..2047
//@ inputs rs1 memory
//@ outputs fd
        fld ${fd}, ${offset}(${rs1})

//@ template fsd
//@ doc home slot at [rs1 + offset] = fs2; rs1 is sp, or t1 for far slots
//@ operand fs2 freg
//@ operand rs1 reg sp t1
//@ operand offset imm -2048..2047
//@ inputs fs2 rs1
//@ outputs memory
        fsd ${fs2}, ${offset}(${rs1})
