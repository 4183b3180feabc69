//@ march rv32imc
// Integer arithmetic. Full-size forms are assembled with `.option norvc`; the `c_` templates
// are the 16-bit forms (RISC-V Unprivileged ISA, chapter "C").

//@ template alu_rrr
//@ doc rd = rs1 OP rs2 (base and M extension: mulh = 17 .. remu = 23 carry funct7 bit 0)
//@ operand op enum add=0 sll=1 slt=2 sltu=3 xor=4 srl=5 or=6 and=7 sub=8 sra=13 mul=16 mulh=17 mulhsu=18 mulhu=19 div=20 divu=21 rem=22 remu=23
//@ operand rd reg
//@ operand rs1 reg
//@ operand rs2 reg
//@ inputs rs1 rs2
//@ outputs rd
        ${op} ${rd}, ${rs1}, ${rs2}

//@ template alu_rri
//@ doc rd = rs1 OP sign-extended 12-bit immediate
//@ operand op enum addi=0 slti=2 sltiu=3 xori=4 ori=6 andi=7
//@ operand rd reg
//@ operand rs1 reg
//@ operand imm imm -2048..2047
//@ inputs rs1
//@ outputs rd
        ${op} ${rd}, ${rs1}, ${imm}

//@ template shift_rri
//@ doc rd = rs1 shifted by a constant
//@ operand op enum slli=0 srli=1 srai=3
//@ operand rd reg
//@ operand rs1 reg
//@ operand amount imm 0..31
//@ inputs rs1
//@ outputs rd
        ${op} ${rd}, ${rs1}, ${amount}

//@ template lui
//@ doc rd = immediate << 12
//@ operand rd reg
//@ operand imm imm 0..1048575
//@ outputs rd
        lui ${rd}, ${imm}

//@ template li_imm32
//@ doc rd = any 32-bit constant or address
//@ operand rd reg
//@ operand value imm32
//@ derive hi hi20 value
//@ derive lo lo12 value
//@ outputs rd
        lui ${rd}, ${hi}
        addi ${rd}, ${rd}, ${lo}

//@ template c_mv
//@ doc rd = rs2 (16 bits)
//@ operand rd reg exclude x0
//@ operand rs2 reg exclude x0
//@ inputs rs2
//@ outputs rd
        c.mv ${rd}, ${rs2}

//@ template c_add
//@ doc rd = rd + rs2 (16 bits)
//@ operand rd reg exclude x0
//@ operand rs2 reg exclude x0
//@ inputs rd rs2
//@ outputs rd
        c.add ${rd}, ${rs2}

//@ template c_li
//@ doc rd = -32..31 (16 bits)
//@ operand rd reg exclude x0
//@ operand imm imm -32..31
//@ outputs rd
        c.li ${rd}, ${imm}

//@ template c_lui
//@ doc rd = immediate << 12, 1..31 (16 bits)
//@ operand rd reg exclude x0 x2
//@ operand imm imm 1..31
//@ outputs rd
        c.lui ${rd}, ${imm}

//@ template c_addi
//@ doc rd = rd + -32..31, not 0 (16 bits)
//@ operand rd reg exclude x0
//@ operand imm imm -32..31 exclude 0
//@ inputs rd
//@ outputs rd
        c.addi ${rd}, ${imm}

//@ template c_slli
//@ doc rd = rd << amount (16 bits)
//@ operand rd reg exclude x0
//@ operand amount imm 1..31
//@ inputs rd
//@ outputs rd
        c.slli ${rd}, ${amount}

//@ template c_shr
//@ doc rd = rd >> amount (16 bits)
//@ operand op enum c.srli=0 c.srai=1
//@ operand rd creg
//@ operand amount imm 1..31
//@ inputs rd
//@ outputs rd
        ${op} ${rd}, ${amount}

//@ template c_andi
//@ doc rd = rd AND -32..31 (16 bits)
//@ operand rd creg
//@ operand imm imm -32..31
//@ inputs rd
//@ outputs rd
        c.andi ${rd}, ${imm}

//@ template c_alu
//@ doc rd = rd OP rs2 (16 bits)
//@ operand op enum c.sub=0 c.xor=1 c.or=2 c.and=3
//@ operand rd creg
//@ operand rs2 creg
//@ inputs rd rs2
//@ outputs rd
        ${op} ${rd}, ${rs2}
