//@ march rv32imfc
//@ requires f
// Single-precision arithmetic (F). Results of NaN are canonical by the architecture, roundings are named in the
// instructions. f31 and t1 are scratch. Wasm memory is never touched from here, only the frame.

//@ template f_rrr
//@ doc fd = fs1 OP fs2
//@ operand op enum fadd=0 fsub=1 fmul=2 fdiv=3
//@ operand fd freg
//@ operand fs1 freg
//@ operand fs2 freg
//@ inputs fs1 fs2
//@ outputs fd
        ${op}.s ${fd}, ${fs1}, ${fs2}, rne

//@ template f_sqrt
//@ doc fd = square root of fs1
//@ operand fd freg
//@ operand fs1 freg
//@ inputs fs1
//@ outputs fd
        fsqrt.s ${fd}, ${fs1}, rne

//@ template f_sign
//@ doc fd = fs1 with the sign of fs2 (fsgnj), its inverse (fsgnjn), or both signs multiplied (fsgnjx); NaNs keep their payload
//@ operand op enum fsgnj=0 fsgnjn=1 fsgnjx=2
//@ operand fd freg
//@ operand fs1 freg
//@ operand fs2 freg
//@ inputs fs1 fs2
//@ outputs fd
        ${op}.s ${fd}, ${fs1}, ${fs2}

//@ template f_minmax
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
        ${op}.s ${fd}, ${fs1}, ${fs2}
        feq.s t1, ${fs1}, ${fs1}
        feq.s t2, ${fs2}, ${fs2}
        and t1, t1, t2
        bnez t1, . + 8
        fadd.s ${fd}, ${fs1}, ${fs2}, rne

//@ template f_round
//@ doc fd = fs1 rounded to an integer: to nearest (ties to even), towards zero, down, up; keeps the sign of 0.
//@ doc Below 2^23 the sum with +/-2^23 has no fraction
//@ operand mode enum rne=0 rtz=1 rdn=2 rup=3
//@ operand fd freg f0-f30
//@ operand fs1 freg f0-f30
//@ distinct fd fs1
//@ inputs fs1
//@ outputs fd
//@ clobbers t1 f31
        lui t1, 0x4b000
        fmv.w.x f31, t1
        fsgnjx.s ${fd}, ${fs1}, ${fs1}
        flt.s t1, ${fd}, f31
        fmin.s ${fd}, ${fs1}, ${fs1}
        beqz t1, . + 20
        fsgnj.s f31, f31, ${fs1}
        fadd.s ${fd}, ${fs1}, f31, ${mode}
        fsub.s ${fd}, ${fd}, f31, rne
        fsgnj.s ${fd}, ${fd}, ${fs1}

//@ template f_cmp
//@ doc rd = 1 if fs1 OP fs2, otherwise 0; 0 on NaN
//@ operand op enum fle=0 flt=1 feq=2
//@ operand rd reg
//@ operand fs1 freg
//@ operand fs2 freg
//@ inputs fs1 fs2
//@ outputs rd
        ${op}.s ${rd}, ${fs1}, ${fs2}

//@ template f_to_int
//@ doc rd = whole part of fs1 as an integer, saturated; NaN gives the greatest
//@ operand op enum fcvt.w.s=0 fcvt.wu.s=1
//@ operand rd reg
//@ operand fs1 freg
//@ inputs fs1
//@ outputs rd
        ${op} ${rd}, ${fs1}, rtz

//@ template f_to_int_sat
//@ doc rd = whole part of fs1 as an integer, saturated; NaN gives 0
//@ operand op enum fcvt.w.s=0 fcvt.wu.s=1
//@ operand rd reg exclude t1
//@ operand fs1 freg
//@ inputs fs1
//@ outputs rd
//@ clobbers t1
        ${op} ${rd}, ${fs1}, rtz
        feq.s t1, ${fs1}, ${fs1}
        neg t1, t1
        and ${rd}, ${rd}, t1

//@ template f_from_int
//@ doc fd = integer in rs1, rounded to nearest
//@ operand op enum fcvt.s.w=0 fcvt.s.wu=1
//@ operand fd freg
//@ operand rs1 reg
//@ inputs rs1
//@ outputs fd
        ${op} ${fd}, ${rs1}, rne

//@ template fmv_to
//@ doc fd = bits of rs1, as a single
//@ operand fd freg
//@ operand rs1 reg
//@ inputs rs1
//@ outputs fd
        fmv.w.x ${fd}, ${rs1}

//@ template fmv_from
//@ doc rd = low 32 bits of fs1
//@ operand rd reg
//@ operand fs1 freg
//@ inputs fs1
//@ outputs rd
        fmv.x.w ${rd}, ${fs1}

//@ template flw
//@ doc fd = home slot at [rs1 + offset]; rs1 is sp, or t1 for far slots
//@ operand fd freg
//@ operand rs1 reg sp t1
//@ operand offset imm -2048..2047
//@ inputs rs1 memory
//@ outputs fd
        flw ${fd}, ${offset}(${rs1})

//@ template fsw
//@ doc home slot at [rs1 + offset] = fs2; rs1 is sp, or t1 for far slots
//@ operand fs2 freg
//@ operand rs1 reg sp t1
//@ operand offset imm -2048..2047
//@ inputs fs2 rs1
//@ outputs memory
        fsw ${fs2}, ${offset}(${rs1})
