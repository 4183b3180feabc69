//@ march rv32imc
// Branches, calls, frames and traps. Branches reach 4 KiB; the far form inverts the condition
// over a jump. t0 links runtime routines, t1 and t2 are scratch (jit/ABI.md).

//@ template b_rr
//@ doc Conditional branch, +/-4 KiB
//@ operand op enum beq=0 bne=1 blt=4 bge=5 bltu=6 bgeu=7
//@ operand rs1 reg
//@ operand rs2 reg
//@ operand target rel_cond -4096..4094 step 2
//@ inputs rs1 rs2
        ${op} ${rs1}, ${rs2}, ${target}

//@ template b_rr_far
//@ doc Branch unless the inverse condition holds, +/-1 MiB
//@ operand inverse enum beq=0 bne=1 blt=4 bge=5 bltu=6 bgeu=7
//@ operand rs1 reg
//@ operand rs2 reg
//@ operand target rel_jmp -1048576..1048574 step 2
//@ inputs rs1 rs2
        ${inverse} ${rs1}, ${rs2}, . + 8
        j ${target}

//@ template c_bz
//@ doc Branch if rs1 is (c.beqz) or is not (c.bnez) zero, +/-256 bytes (16 bits)
//@ operand op enum c.beqz=0 c.bnez=1
//@ operand rs1 creg
//@ operand target rel_cond -256..254 step 2
//@ inputs rs1
        ${op} ${rs1}, ${target}

//@ template c_j
//@ doc Jump, +/-2 KiB (16 bits)
//@ operand target rel_jmp -2048..2046 step 2
        c.j ${target}

//@ template jal
//@ doc Jump or call (rd = link register, x0 for none), +/-1 MiB
//@ operand rd reg
//@ operand target rel_jmp -1048576..1048574 step 2
//@ outputs rd
        jal ${rd}, ${target}

//@ template auipc
//@ doc rd = pc + (immediate << 12)
//@ operand rd reg
//@ operand imm imm 0..1048575
//@ outputs rd
        auipc ${rd}, ${imm}

//@ template jalr
//@ doc Jump or call through a register
//@ operand rd reg
//@ operand rs1 reg
//@ operand offset imm -2048..2047
//@ inputs rs1
//@ outputs rd
        jalr ${rd}, ${offset}(${rs1})

//@ template c_jr
//@ doc Jump through a register; ra returns (16 bits)
//@ operand rs1 reg exclude x0
//@ inputs rs1
        c.jr ${rs1}

//@ template c_jalr
//@ doc Call through a register (16 bits)
//@ operand rs1 reg exclude x0
//@ inputs rs1
//@ clobbers ra
        c.jalr ${rs1}

//@ template c_addi16sp
//@ doc sp = sp + -512..496, not 0 (16 bits)
//@ operand bytes imm -512..496 step 16 exclude 0
//@ inputs sp
//@ outputs sp
        c.addi16sp sp, ${bytes}

//@ template ebreak
//@ doc Trap; its address within the function tells the kind (16 bits)
        c.ebreak

//@ template ecall
//@ doc System call, number in a7
        ecall
