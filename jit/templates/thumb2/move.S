//@ cpu cortex-m3
// Moves and constants.

//@ template mov_rr
//@ doc rd = rm, any registers, no flags (16 bits)
//@ operand rd reg
//@ operand rm reg
//@ inputs rm
//@ outputs rd
        mov.n ${rd}, ${rm}

//@ template mov_ri8_n
//@ doc rd = 0..255 (16 bits)
//@ operand rd reg low
//@ operand imm imm 0..255
//@ outputs rd
//@ clobbers flags
        movs.n ${rd}, #${imm}

//@ template mov_rimm
//@ doc rd = modified immediate (mov) or its complement (mvn); no flags
//@ operand op enum mov=0 mvn=1
//@ operand rd reg
//@ operand imm t32ModifiedImmediate
//@ outputs rd
        ${op}.w ${rd}, #${imm}

//@ template movw
//@ doc rd = 0..65535
//@ operand rd reg
//@ operand imm imm 0..65535
//@ outputs rd
        movw ${rd}, #${imm}

//@ template mov_imm32
//@ doc rd = any 32-bit constant or address
//@ operand rd reg
//@ operand value imm32
//@ outputs rd
        movw ${rd}, #:lower16:${value}
        movt ${rd}, #:upper16:${value}

//@ template mvn_rr
//@ doc rd = NOT rm
//@ operand rd reg
//@ operand rm reg
//@ inputs rm
//@ outputs rd
        mvn.w ${rd}, ${rm}

//@ template it_mov
//@ doc if cond then rd = rm
//@ operand cond enum eq=0 ne=1 hs=2 lo=3 mi=4 pl=5 hi=8 ls=9 ge=10 lt=11 gt=12 le=13
//@ operand rd reg
//@ operand rm reg
//@ inputs rm rd
//@ outputs rd
        it ${cond}
        mov${cond}.n ${rd}, ${rm}

//@ template it_mov_i
//@ doc if cond then rd = modified immediate
//@ operand cond enum eq=0 ne=1 hs=2 lo=3 mi=4 pl=5 hi=8 ls=9 ge=10 lt=11 gt=12 le=13
//@ operand rd reg
//@ operand imm t32ModifiedImmediate
//@ inputs rd
//@ outputs rd
        it ${cond}
        mov${cond}.w ${rd}, #${imm}

//@ template it_mov_i_n
//@ doc if cond then rd = 0..255 (16 bits inside the IT block)
//@ operand cond enum eq=0 ne=1 hs=2 lo=3 mi=4 pl=5 hi=8 ls=9 ge=10 lt=11 gt=12 le=13
//@ operand rd reg low
//@ operand imm imm 0..255
//@ inputs rd
//@ outputs rd
        it ${cond}
        mov${cond}.n ${rd}, #${imm}

//@ template it_alu_rri
//@ doc if cond then rd = rn OP modified immediate
//@ operand cond enum eq=0 ne=1 hs=2 lo=3 mi=4 pl=5 hi=8 ls=9 ge=10 lt=11 gt=12 le=13
//@ operand op enum and=0 bic=1 orr=2 eor=4 add=8 sub=13 rsb=14
//@ operand rd reg
//@ operand rn reg
//@ operand imm t32ModifiedImmediate
//@ inputs rn rd
//@ outputs rd
        it ${cond}
        ${op}${cond}.w ${rd}, ${rn}, #${imm}

//@ template it_alu_rrr
//@ doc if cond then rd = rn OP rm
//@ operand cond enum eq=0 ne=1 hs=2 lo=3 mi=4 pl=5 hi=8 ls=9 ge=10 lt=11 gt=12 le=13
//@ operand op enum and=0 bic=1 orr=2 orn=3 eor=4 add=8 sub=13 rsb=14
//@ operand rd reg
//@ operand rn reg
//@ operand rm reg
//@ inputs rn rm rd
//@ outputs rd
        it ${cond}
        ${op}${cond}.w ${rd}, ${rn}, ${rm}
