//@ march rv32imc
// Loads and stores.

//@ template load
//@ doc rt = [rs1 + offset]
//@ operand op enum lb=0 lh=1 lw=2 lbu=4 lhu=5
//@ operand rt reg
//@ operand rs1 reg
//@ operand offset imm -2048..2047
//@ inputs rs1 memory
//@ outputs rt
        ${op} ${rt}, ${offset}(${rs1})

//@ template store
//@ doc [rs1 + offset] = rt
//@ operand op enum sb=0 sh=1 sw=2
//@ operand rt reg
//@ operand rs1 reg
//@ operand offset imm -2048..2047
//@ inputs rs1 rt
//@ outputs memory
        ${op} ${rt}, ${offset}(${rs1})

//@ template c_ldst
//@ doc Word load or store at [rs1 + 0..124] (16 bits)
//@ operand op enum c.lw=0 c.sw=1
//@ operand rt creg
//@ operand rs1 creg
//@ operand offset imm 0..124 step 4
//@ inputs rs1 rt memory
//@ outputs rt memory
        ${op} ${rt}, ${offset}(${rs1})

//@ template c_lwsp
//@ doc rt = home slot at [sp + 0..252] (16 bits)
//@ operand rt reg exclude x0
//@ operand offset imm 0..252 step 4
//@ inputs sp memory
//@ outputs rt
        c.lwsp ${rt}, ${offset}(sp)

//@ template c_swsp
//@ doc home slot at [sp + 0..252] = rt (16 bits)
//@ operand rt reg
//@ operand offset imm 0..252 step 4
//@ inputs rt sp
//@ outputs memory
        c.swsp ${rt}, ${offset}(sp)
