//@ cpu cortex-m3
// Data processing. Flag-setting forms are chosen by the `s` operand; the 16-bit forms outside
// IT blocks always set flags (Armv7-M ARM, A4.4), so the emitter keeps pending conditions away.

//@ template alu_rrr
//@ doc rd = rn OP rm
//@ operand op enum and=0 bic=1 orr=2 orn=3 eor=4 add=8 adc=10 sbc=11 sub=13 rsb=14
//@ operand s enum _=0 s=1
//@ operand rd reg
//@ operand rn reg
//@ operand rm reg
//@ inputs rn rm flags
//@ outputs rd
//@ clobbers flags
        ${op}${s}.w ${rd}, ${rn}, ${rm}

//@ template alu_rrsh
//@ doc rd = rn OP (rm shifted by a constant)
//@ operand op enum and=0 bic=1 orr=2 orn=3 eor=4 add=8 sub=13 rsb=14
//@ operand s enum _=0 s=1
//@ operand rd reg
//@ operand rn reg
//@ operand rm reg
//@ operand sh enum lsl=0 lsr=1 asr=2 ror=3
//@ operand amount imm 1..31
//@ inputs rn rm
//@ outputs rd
//@ clobbers flags
        ${op}${s}.w ${rd}, ${rn}, ${rm}, ${sh} #${amount}

//@ template alu_rri
//@ doc rd = rn OP modified immediate
//@ operand op enum and=0 bic=1 orr=2 orn=3 eor=4 add=8 adc=10 sbc=11 sub=13 rsb=14
//@ operand s enum _=0 s=1
//@ operand rd reg
//@ operand rn reg
//@ operand imm t32ModifiedImmediate
//@ inputs rn flags
//@ outputs rd
//@ clobbers flags
        ${op}${s}.w ${rd}, ${rn}, #${imm}

//@ template addsub_rri12
//@ doc rd = rn +/- plain 12-bit immediate; no flags
//@ operand op enum addw=0 subw=1
//@ operand rd reg
//@ operand rn reg
//@ operand imm imm 0..4095
//@ inputs rn
//@ outputs rd
        ${op} ${rd}, ${rn}, #${imm}

//@ template alu_rr_n
//@ doc rd = rd OP rm (16 bits)
//@ operand op enum and=0 eor=1 lsl=2 lsr=3 asr=4 adc=5 sbc=6 ror=7 orr=12 bic=14 mvn=15
//@ operand rd reg low
//@ operand rm reg low
//@ inputs rd rm flags
//@ outputs rd
//@ clobbers flags
        ${op}s.n ${rd}, ${rm}

//@ template neg_rr_n
//@ doc rd = 0 - rm (16 bits)
//@ operand rd reg low
//@ operand rm reg low
//@ inputs rm
//@ outputs rd
//@ clobbers flags
        rsbs.n ${rd}, ${rm}, #0

//@ template addsub_rrr_n
//@ doc rd = rn +/- rm (16 bits)
//@ operand op enum add=0 sub=1
//@ operand rd reg low
//@ operand rn reg low
//@ operand rm reg low
//@ inputs rn rm
//@ outputs rd
//@ clobbers flags
        ${op}s.n ${rd}, ${rn}, ${rm}

//@ template addsub_rri3_n
//@ doc rd = rn +/- 0..7 (16 bits); for rd = rn the assembler chooses addsub_ri8_n
//@ operand op enum add=0 sub=1
//@ operand rd reg low
//@ operand rn reg low
//@ operand imm imm 0..7
//@ distinct rd rn
//@ inputs rn
//@ outputs rd
//@ clobbers flags
        ${op}s.n ${rd}, ${rn}, #${imm}

//@ template addsub_ri8_n
//@ doc rd = rd +/- 0..255 (16 bits)
//@ operand op enum add=0 sub=1
//@ operand rd reg low
//@ operand imm imm 0..255
//@ inputs rd
//@ outputs rd
//@ clobbers flags
        ${op}s.n ${rd}, #${imm}

//@ template add_rr_n
//@ doc rd = rd + rm, any registers, no flags (16 bits)
//@ operand rd reg
//@ operand rm reg
//@ inputs rd rm
//@ outputs rd
        add.n ${rd}, ${rm}

//@ template shift_rri
//@ doc rd = rm shifted by a constant
//@ operand sh enum lsl=0 lsr=1 asr=2 ror=3
//@ operand s enum _=0 s=1
//@ operand rd reg
//@ operand rm reg
//@ operand amount imm 1..31
//@ inputs rm
//@ outputs rd
//@ clobbers flags
        ${sh}${s}.w ${rd}, ${rm}, #${amount}

//@ template shift_rri_n
//@ doc rd = rm shifted by a constant (16 bits); amount 0 would encode 32 for lsr and asr
//@ operand sh enum lsl=0 lsr=1 asr=2
//@ operand rd reg low
//@ operand rm reg low
//@ operand amount imm 1..31
//@ inputs rm
//@ outputs rd
//@ clobbers flags
        ${sh}s.n ${rd}, ${rm}, #${amount}

//@ template shift_rrr
//@ doc rd = rn shifted by the low byte of rm
//@ operand sh enum lsl=0 lsr=1 asr=2 ror=3
//@ operand s enum _=0 s=1
//@ operand rd reg
//@ operand rn reg
//@ operand rm reg
//@ inputs rn rm
//@ outputs rd
//@ clobbers flags
        ${sh}${s}.w ${rd}, ${rn}, ${rm}

//@ template bits_rr
//@ doc Extensions: rd = sign- or zero-extended low part of rm
//@ operand op enum sxth=0 uxth=1 sxtb=4 uxtb=5
//@ operand rd reg
//@ operand rm reg
//@ inputs rm
//@ outputs rd
        ${op}.w ${rd}, ${rm}

//@ template bits_rr_n
//@ doc Extensions, 16 bits
//@ operand op enum sxth=0 sxtb=1 uxth=2 uxtb=3
//@ operand rd reg low
//@ operand rm reg low
//@ inputs rm
//@ outputs rd
        ${op}.n ${rd}, ${rm}

//@ template clz_rr
//@ doc rd = leading zeros of rm (32 for 0)
//@ operand rd reg
//@ operand rm reg
//@ inputs rm
//@ outputs rd
        clz ${rd}, ${rm}

//@ template rbit_rr
//@ doc rd = bits of rm reversed
//@ operand rd reg
//@ operand rm reg
//@ inputs rm
//@ outputs rd
        rbit ${rd}, ${rm}

//@ template mul_n
//@ doc rd = rn * rd (16 bits)
//@ operand rd reg low
//@ operand rn reg low
//@ inputs rd rn
//@ outputs rd
//@ clobbers flags
        muls.n ${rd}, ${rn}, ${rd}

//@ template mul_rrr
//@ doc rd = rn * rm, low 32 bits
//@ operand rd reg
//@ operand rn reg
//@ operand rm reg
//@ inputs rn rm
//@ outputs rd
        mul.w ${rd}, ${rn}, ${rm}

//@ template mla_rrrr
//@ doc rd = ra + rn * rm (mla) or ra - rn * rm (mls)
//@ operand op enum mla=0 mls=1
//@ operand rd reg
//@ operand rn reg
//@ operand rm reg
//@ operand ra reg
//@ inputs rn rm ra
//@ outputs rd
        ${op} ${rd}, ${rn}, ${rm}, ${ra}

//@ template div_rrr
//@ doc rd = rn / rm; rm must not be 0 (Armv7-M gives 0) and not -1 with INT_MIN
//@ operand op enum sdiv=0 udiv=1
//@ operand rd reg
//@ operand rn reg
//@ operand rm reg
//@ inputs rn rm
//@ outputs rd
        ${op} ${rd}, ${rn}, ${rm}

//@ template ubfx_rr
//@ doc rd = a field of rn, at the bottom
//@ operand rd reg
//@ operand rn reg
//@ operand lsb imm 0..31
//@ operand width imm 1..32
//@ derive w field width lsb
//@ inputs rn
//@ outputs rd
        ubfx ${rd}, ${rn}, #${lsb}, #${w}
