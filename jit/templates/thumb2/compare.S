//@ cpu cortex-m3
// Comparisons: they set flags for the branch, IT block or select that follows.

//@ template cmp_rr_n
//@ doc flags of rn - rm (16 bits)
//@ operand rn reg low
//@ operand rm reg low
//@ inputs rn rm
//@ outputs flags
//@ clobbers flags
        cmp.n ${rn}, ${rm}

//@ template cmp_rr
//@ doc flags of rn OP rm: cmp subtracts, cmn adds, tst ands, teq exclusive-ors
//@ operand op enum tst=0 teq=4 cmn=8 cmp=13
//@ operand rn reg
//@ operand rm reg
//@ inputs rn rm
//@ outputs flags
//@ clobbers flags
        ${op}.w ${rn}, ${rm}

//@ template cmp_ri8_n
//@ doc flags of rn - 0..255 (16 bits)
//@ operand rn reg low
//@ operand imm imm 0..255
//@ inputs rn
//@ outputs flags
//@ clobbers flags
        cmp.n ${rn}, #${imm}

//@ template cmp_ri
//@ doc flags of rn OP modified immediate
//@ operand op enum tst=0 teq=4 cmn=8 cmp=13
//@ operand rn reg
//@ operand imm t32ModifiedImmediate
//@ inputs rn
//@ outputs flags
//@ clobbers flags
        ${op}.w ${rn}, #${imm}

//@ template tst_rr_n
//@ doc flags of rn AND rm (16 bits)
//@ operand rn reg low
//@ operand rm reg low
//@ inputs rn rm
//@ outputs flags
//@ clobbers flags
        tst.n ${rn}, ${rm}

//@ template cmp_sp_i
//@ doc flags of sp - modified immediate
//@ operand imm t32ModifiedImmediate
//@ inputs sp
//@ outputs flags
//@ clobbers flags
        cmp.w sp, #${imm}
