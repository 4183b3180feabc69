/* A register machine with 32-bit instructions, decoded by shifts and masks and dispatched by a switch: a sieve and greatest
 * common divisors. Other than vm.c, operands are registers in memory and there is a data memory. */
#include "bench.h"

enum { LI, ADD, SUB, MUL, AND, SHL, ADDI, LDB, STB, BEQ, BNE, BLT, JMP, MOV, XOR, CALL, RET, END };

#define OP(op, a, b, c) ((u32)(op) | (u32)(a) << 8 | (u32)(b) << 16 | (u32)((c) & 255) << 24)
#define LONG(op, a, value) ((u32)(op) | (u32)(a) << 8 | (u32)(value) << 16)

/* r0 = 0, r1 i, r2 j, r3 limit, r4 count, r5 flag, r6 one, r8 and r9 arguments of gcd, r10 sum; branches are relative. */
static const u32 program[] = {
    /*  0        */ LONG(LI, 0, 0), LONG(LI, 3, 600), LONG(LI, 4, 0), LONG(LI, 6, 1), LONG(LI, 1, 0),
    /*  5 clear  */ OP(STB, 0, 1, 0), OP(ADDI, 1, 1, 1), OP(BLT, 1, 3, -3),
    /*  8        */ LONG(LI, 1, 2),
    /*  9 outer  */ OP(LDB, 5, 1, 0), OP(BNE, 5, 0, 6), OP(ADDI, 4, 4, 1), OP(ADD, 2, 1, 1),
    /* 13 inner  */ OP(BLT, 3, 2, 3), OP(STB, 6, 2, 0), OP(ADD, 2, 2, 1), OP(BLT, 2, 3, -3),
    /* 17 next   */ OP(ADDI, 1, 1, 1), OP(BLT, 1, 3, -10),
    /* 19        */ LONG(LI, 10, 0), LONG(LI, 1, 1), LONG(LI, 3, 60),
    /* 22 loop   */ OP(MOV, 8, 1, 0), OP(MUL, 9, 1, 4), OP(ADDI, 9, 9, 7), LONG(CALL, 0, 34),
    /* 26        */ OP(SHL, 10, 10, 1), OP(XOR, 10, 10, 8), OP(ADD, 10, 10, 4), OP(ADDI, 1, 1, 1), OP(BLT, 1, 3, -9),
    /* 31        */ OP(ADD, 10, 10, 4), OP(AND, 10, 10, 10), OP(END, 10, 0, 0),
    /* 34 gcd    */ OP(BEQ, 8, 9, 5), OP(BLT, 8, 9, 2), OP(SUB, 8, 8, 9), OP(JMP, 0, 0, -4),
    /* 38        */ OP(SUB, 9, 9, 8), OP(BNE, 8, 9, -5), OP(RET, 0, 0, 0),
};

static u32 regs[16];
static u8 data[1024];
static u32 returns[16];

static NOINLINE u32 execute(const u32 *code)
{
    u32 pc = 0, depth = 0;

    for (;;) {
        u32 word = code[pc], a = (word >> 8) & 15, b = (word >> 16) & 15, c = (word >> 24) & 15;
        i32 imm = (i32)word >> 24;
        pc++;
        switch (word & 255) {
        case LI: regs[a] = word >> 16; break;
        case ADD: regs[a] = regs[b] + regs[c]; break;
        case SUB: regs[a] = regs[b] - regs[c]; break;
        case MUL: regs[a] = regs[b] * regs[c]; break;
        case AND: regs[a] = regs[b] & regs[c]; break;
        case XOR: regs[a] = regs[b] ^ regs[c]; break;
        case SHL: regs[a] = regs[b] << c; break;
        case ADDI: regs[a] = regs[b] + (u32)imm; break;
        case MOV: regs[a] = regs[b]; break;
        case LDB: regs[a] = data[(regs[b] + (u32)imm) & 1023]; break;
        case STB: data[(regs[b] + (u32)imm) & 1023] = (u8)regs[a]; break;
        case BEQ: if (regs[a] == regs[b]) pc += (u32)imm; break;
        case BNE: if (regs[a] != regs[b]) pc += (u32)imm; break;
        case BLT: if (regs[a] < regs[b]) pc += (u32)imm; break;
        case JMP: pc += (u32)imm; break;
        case CALL: returns[depth++ & 15] = pc; pc = word >> 16; break;
        case RET: pc = returns[--depth & 15]; break;
        default: return regs[a];
        }
    }
}

i32 run(void)
{
    for (i32 i = 0; i < 16; i++)
        regs[i] = 0;
    return (i32)execute(program);
}
