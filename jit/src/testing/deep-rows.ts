/** Small functions that the deep verifier must accept or refuse, with the assembly that gave their bytes. */
export interface Row {
  readonly name: string;
  readonly assembly: string;
  /** Machine code in hexadecimal. */
  readonly code: string;
  /** Part of the expected message; undefined where the code is accepted. */
  readonly problem: string | undefined;
}

export const thumb2Rows: readonly Row[] = [
  { name: 'returns', assembly: 'bx lr', code: '7047', problem: undefined },
  { name: 'saves and restores', assembly: 'push {r4, lr}; movs r4, #1; mov r0, r4; pop {r4, pc}', code: '10b50124204610bd', problem: undefined },
  { name: 'a callee-saved register is lost', assembly: 'movs r4, #1; bx lr', code: '01247047', problem: "r4 does not hold the caller's value" },
  {
    name: 'another register is restored',
    assembly: 'push {r4, r5, r6, lr}; movs r4, #1; pop {r5, r6}; pop {r4, pc}',
    code: '70b5012460bc10bd',
    problem: "r4 does not hold the caller's value",
  },
  { name: 'sp is not restored', assembly: 'push {r4, lr}; bx lr', code: '10b57047', problem: 'sp is off by -8 where the function is left' },
  { name: 'returns elsewhere', assembly: 'mov lr, r0; bx lr', code: '86467047', problem: 'jumps to what is neither return address, slot nor table' },
  {
    name: 'the return address on the stack is overwritten',
    assembly: 'push {r4, lr}; str r0, [sp, #4]; pop {r4, pc}',
    code: '10b5019010bd',
    problem: 'returns to something that is not the return address',
  },
  { name: 'unequal depth of two paths', assembly: 'cbz r0, 1f; push {r4, r5}; 1: bx lr', code: '00b130b47047', problem: 'sp is not the same on all paths' },
  { name: "writes the caller's frame", assembly: 'str r0, [sp, #0]; bx lr', code: '00907047', problem: "accesses the caller's frame" },
  { name: 'reads below sp', assembly: 'ldr.w r0, [sp, #-8]; bx lr', code: '5df8080c7047', problem: 'accesses the stack below sp' },
  {
    name: 'returns a stack word never written',
    assembly: 'sub sp, #8; ldr r0, [sp]; add sp, #8; bx lr',
    code: '82b0009802b07047',
    problem: 'r0 is read and holds nothing',
  },
  {
    name: 'a large frame without a stack check',
    assembly: 'sub.w sp, sp, #1024; add.w sp, sp, #1024; bx lr',
    code: 'adf5806d0df5806d7047',
    problem: 'no stack check covers this',
  },
  { name: 'reads a register that holds nothing', assembly: 'mov r0, r3; bx lr', code: '18467047', problem: 'r3 is read and holds nothing' },
  { name: 'reads flags that nothing set', assembly: 'bne 1f; 1: bx lr', code: 'ffd17047', problem: 'reads flags that nothing has set' },
  { name: 'no interrupts are disabled', assembly: 'cpsid i; bx lr', code: '72b67047', problem: 'not allowed' },
  { name: 'no system registers', assembly: 'mrs r0, primask; bx lr', code: 'eff310807047', problem: 'not allowed' },
  { name: 'no system call', assembly: 'svc #0; bx lr', code: '00df7047', problem: 'not allowed' },
  { name: 'no double loads', assembly: 'ldrd r0, r1, [r0]; bx lr', code: 'd0e900017047', problem: 'not allowed' },
  { name: 'no multiple loads', assembly: 'ldm r0, {r0, r1}; bx lr', code: '03c87047', problem: 'not allowed' },
  { name: 'no write-back', assembly: 'ldr r1, [r0, #4]!; bx lr', code: '50f8041f7047', problem: 'unknown address' },
  { name: 'no literal pools', assembly: 'ldr.w r0, [pc, #-4]; bx lr', code: '5ff804007047', problem: 'pc is no operand' },
  { name: 'runs over the end', assembly: 'movs r0, #1', code: '0120', problem: 'runs into what is no code' },
  { name: 'branches into an instruction', assembly: 'b.n 1f + 2; 1: movw r0, #1; bx lr', code: '00e040f201007047', problem: 'which is no entry point' },
  { name: 'branches out of the function', assembly: 'b.n . + 200; bx lr', code: '62e07047', problem: 'which is no entry point' },
  {
    name: 'branches into an IT block',
    assembly: 'cbz r0, 1f; cmp r0, #4; it eq; 1: moveq r0, #1; bx lr',
    code: '08b1042808bf01207047',
    problem: 'branches into an IT block',
  },
  { name: 'an access in an IT block', assembly: 'cmp r0, #4; it eq; ldreq r0, [r0]; bx lr', code: '042808bf00687047', problem: 'not allowed in an IT block' },
  {
    name: 'a checked access',
    assembly: 'cmp.w r0, #0xff00; bhs 1f; mov.w r1, #0x30000000; ldr r0, [r1, r0]; bx lr; 1: udf #3',
    code: 'b0f57f4f03d24ff040510858704703de',
    problem: undefined,
  },
  {
    name: 'an unchecked access',
    assembly: 'mov.w r1, #0x30000000; ldr r0, [r1, r0]; bx lr',
    code: '4ff0405108587047',
    problem: 'no proof that this load of 4 bytes stays in bounds',
  },
  {
    name: 'a check of the wrong sense',
    assembly: 'cmp.w r0, #0xff00; blo 1f; mov.w r1, #0x30000000; ldr r0, [r1, r0]; bx lr; 1: udf #3',
    code: 'b0f57f4f03d34ff040510858704703de',
    problem: 'no proof',
  },
  {
    name: 'a signed check',
    assembly: 'cmp.w r0, #0xff00; bge 1f; mov.w r1, #0x30000000; ldr r0, [r1, r0]; bx lr; 1: udf #3',
    code: 'b0f57f4f03da4ff040510858704703de',
    problem: 'no proof',
  },
  {
    name: 'the last byte of an access outside',
    assembly: 'movw r2, #65532; cmp r0, r2; bhi 1f; mov.w r1, #0x30000000; adds r1, r0, r1; ldr.w r0, [r1, #1]; bx lr; 1: udf #3',
    code: '4ff6fc72904205d84ff040514118d1f80100704703de',
    problem: 'no proof',
  },
  {
    name: 'the last byte of an access inside',
    assembly: 'movw r2, #65531; cmp r0, r2; bhi 1f; mov.w r1, #0x30000000; adds r1, r0, r1; ldr.w r0, [r1, #1]; bx lr; 1: udf #3',
    code: '4ff6fb72904205d84ff040514118d1f80100704703de',
    problem: undefined,
  },
  {
    name: 'an index that wraps before the check',
    assembly: 'adds r2, r0, #8; cmp.w r2, #0xff00; bhs 1f; mov.w r1, #0x30000000; ldr r0, [r1, r0]; bx lr; 1: udf #3',
    code: '10f10802b2f57f4f03d24ff040510858704703de',
    problem: 'no proof',
  },
  {
    name: 'an index changed behind the check',
    assembly: 'cmp.w r0, #0xff00; bhs 1f; adds r0, r0, r0; mov.w r1, #0x30000000; ldr r0, [r1, r0]; bx lr; 1: udf #3',
    code: 'b0f57f4f04d200184ff040510858704703de',
    problem: 'no proof',
  },
  {
    name: 'an index that grows in a loop behind the check',
    assembly: 'cmp.w r0, #0xff00; bhs 1f; mov.w r1, #0x30000000; 2: ldr r2, [r1, r0]; adds r0, #4; cmp r2, #0; bne 2b; bx lr; 1: udf #3',
    code: 'b0f57f4f06d24ff040510a580430002afbd1704703de',
    problem: 'no proof',
  },
  {
    name: 'a check in every round',
    assembly: 'mov.w r1, #0x30000000; 2: cmp.w r0, #0xff00; bhs 1f; ldr r2, [r1, r0]; adds r0, #4; cmp r2, #0; bne 2b; bx lr; 1: udf #3',
    code: '4ff04051b0f57f4f04d20a580430002af8d1704703de',
    problem: undefined,
  },
  {
    name: 'a check on one path, zero on the other',
    assembly: 'cbz r0, 2f; cmp.w r0, #0xff00; bhs 1f; 2: cbz r0, 3f; 3: mov.w r1, #0x30000000; ldr r0, [r1, r0]; bx lr; 1: udf #3',
    code: '10b1b0f57f4f04d200bf4ff040510858704703de',
    problem: undefined,
  },
  {
    name: 'no check on the other path',
    assembly: 'push {r4, lr}; cmp r0, #4; beq 2f; adds r0, #4; b 3f; 2: adds r0, #8; 3: mov.w r1, #0x30000000; ldr r0, [r1, r0]; pop {r4, pc}',
    code: '10b5042801d0043000e008304ff04051085810bd',
    problem: 'no proof',
  },
  {
    name: 'a masked index',
    assembly: 'uxtb r0, r0; mov.w r1, #0x30000000; ldr.w r0, [r1, r0, lsl #2]; bx lr',
    code: 'c0b24ff0405151f820007047',
    problem: undefined,
  },
  {
    name: 'a mask that is too wide',
    assembly: 'uxth r0, r0; mov.w r1, #0x30000000; ldr.w r0, [r1, r0, lsl #2]; bx lr',
    code: '80b24ff0405151f820007047',
    problem: 'no proof',
  },
  {
    name: 'a constant address outside',
    assembly: 'movw r1, #0xfffd; movt r1, #0x3000; ldr r0, [r1]; bx lr',
    code: '4ff6fd71c3f2000108687047',
    problem: 'no proof',
  },
  { name: 'a global', assembly: 'movw r1, #0x0008; movt r1, #0x2000; ldr r0, [r1]; bx lr', code: '40f20801c2f2000108687047', problem: undefined },
  {
    name: 'a store to a global that is only read',
    assembly: 'movw r1, #0x0008; movt r1, #0x2000; str r0, [r1]; bx lr',
    code: '40f20801c2f2000108607047',
    problem: 'no proof',
  },
  { name: "another's global", assembly: 'movw r1, #0x000c; movt r1, #0x2000; ldr r0, [r1]; bx lr', code: '40f20c01c2f2000108687047', problem: 'no proof' },
  {
    name: 'a call of an unknown address',
    assembly: 'push {r4, lr}; blx r0; pop {r4, pc}',
    code: '10b5804710bd',
    problem: 'calls what was not loaded from a slot',
  },
  {
    name: 'a call without a stack check',
    assembly: 'push {r4, lr}; movw r1, #0x0100; movt r1, #0x2000; ldr r1, [r1]; blx r1; pop {r4, pc}',
    code: '10b540f20011c2f200010968884710bd',
    problem: 'no stack check covers this',
  },
  {
    name: 'a temporary across a call',
    assembly: 'push {r4, lr}; cmp.w sp, #0x20002000; blo 1f; movw r1, #0x0100; movt r1, #0x2000; ldr r1, [r1]; blx r1; mov r0, r1; pop {r4, pc}; 1: udf #4',
    code: '10b5bdf1202f07d340f20011c2f2000109688847084610bd04de',
    problem: 'r1 is read and holds nothing',
  },
  {
    name: 'a call with a misaligned stack',
    assembly: 'push {lr}; movw r1, #0x0100; movt r1, #0x2000; ldr r1, [r1]; blx r1; pop {pc}',
    code: '00b540f20011c2f200010968884700bd',
    problem: 'sp is no multiple of 8 at a call',
  },
  { name: 'a computed trap', assembly: 'udf #99', code: '63de', problem: 'a trap of no kind' },
  {
    name: 'a loop fills the frame',
    assembly:
      'sub sp, #16; movs r3, #0; mov r2, sp; add.w r12, r2, #16; 1: str r3, [r2]; str r3, [r2, #4]; adds r2, #8; cmp r2, r12; bne 1b; ldr r0, [sp, #12]; add sp, #16; bx lr',
    code: '84b000236a4602f1100c1360536008326245fad1039804b07047',
    problem: undefined,
  },
  {
    name: 'a filled word is overwritten on one path',
    assembly:
      'sub sp, #16; movs r3, #0; mov r2, sp; add.w r12, r2, #16; 1: str r3, [r2]; str r3, [r2, #4]; adds r2, #8; cmp r2, r12; bne 1b; cbz r0, 2f; str r1, [sp, #12]; 2: ldr r0, [sp, #12]; add sp, #16; bx lr',
    code: '84b000236a4602f1100c1360536008326245fad100b10391039804b07047',
    problem: undefined,
  },
  {
    name: 'a loop fills words above the frame',
    assembly:
      'sub sp, #16; movs r3, #0; mov r2, sp; add.w r12, r2, #24; 1: str r3, [r2]; str r3, [r2, #4]; adds r2, #8; cmp r2, r12; bne 1b; add sp, #16; bx lr',
    code: '84b000236a4602f1180c1360536008326245fad104b07047',
    problem: "accesses the caller's frame",
  },
  {
    name: 'a loop fills words below sp',
    assembly:
      'sub sp, #16; movs r3, #0; subw r2, sp, #8; add.w r12, r2, #16; 1: str r3, [r2]; str r3, [r2, #4]; adds r2, #8; cmp r2, r12; bne 1b; add sp, #16; bx lr',
    code: '84b00023adf2080202f1100c1360536008326245fad104b07047',
    problem: 'accesses the stack below sp',
  },
  {
    name: 'a loop passes by its limit',
    assembly:
      'sub sp, #16; movs r3, #0; mov r2, sp; add.w r12, r2, #12; 1: str r3, [r2]; str r3, [r2, #4]; adds r2, #8; cmp r2, r12; bne 1b; add sp, #16; bx lr',
    code: '84b000236a4602f10c0c1360536008326245fad104b07047',
    problem: 'no proof that this store',
  },
  {
    name: 'a loop fills nothing at first',
    assembly: 'sub sp, #16; movs r3, #0; mov r2, sp; mov r12, r2; 1: str r3, [r2]; str r3, [r2, #4]; adds r2, #8; cmp r2, r12; bne 1b; add sp, #16; bx lr',
    code: '84b000236a4694461360536008326245fad104b07047',
    problem: 'no proof that this store',
  },
  {
    name: 'a word behind those that a loop fills',
    assembly:
      'sub sp, #16; movs r3, #0; mov r2, sp; add.w r12, r2, #8; 1: str r3, [r2]; str r3, [r2, #4]; adds r2, #8; cmp r2, r12; bne 1b; ldr r0, [sp, #8]; add sp, #16; bx lr',
    code: '84b000236a4602f1080c1360536008326245fad1029804b07047',
    problem: 'r0 is read and holds nothing',
  },
  {
    name: 'a loop fills the return address',
    assembly: 'push {r4, lr}; movs r3, #0; mov r2, sp; add.w r12, r2, #8; 1: str r3, [r2]; str r3, [r2, #4]; adds r2, #8; cmp r2, r12; bne 1b; pop {r4, pc}',
    code: '10b500236a4602f1080c1360536008326245fad110bd',
    problem: 'returns to something that is not the return address',
  },
  {
    name: 'a filling loop is entered in its middle',
    assembly:
      'sub sp, #16; movs r3, #0; mov r2, sp; add.w r12, r2, #16; cbz r0, 2f; 1: str r3, [r2]; 2: str r3, [r2, #4]; adds r2, #8; cmp r2, r12; bne 1b; add sp, #16; bx lr',
    code: '84b000236a4602f1100c00b11360536008326245fad104b07047',
    problem: 'no proof that this store',
  },
  {
    name: 'a filling loop of the wrong stride',
    assembly:
      'sub sp, #16; movs r3, #0; mov r2, sp; add.w r12, r2, #16; 1: str r3, [r2]; str r3, [r2, #4]; adds r2, #16; cmp r2, r12; bne 1b; add sp, #16; bx lr',
    code: '84b000236a4602f1100c1360536010326245fad104b07047',
    problem: 'no proof that this store',
  },
];
export const rv32Rows: readonly Row[] = [
  { name: 'returns', assembly: 'ret', code: '8280', problem: undefined },
  { name: 'a callee-saved register is lost', assembly: 'c.li s0, 1; ret', code: '05448280', problem: "x8 does not hold the caller's value" },
  { name: 'gp is used', assembly: 'addi gp, gp, 1; ret', code: '85018280', problem: 'gp and tp belong to interrupts' },
  { name: 'tp is read', assembly: 'mv a0, tp; ret', code: '12858280', problem: 'gp and tp belong to interrupts' },
  { name: 'reads below sp', assembly: 'lw a0, -4(sp); ret', code: '0325c1ff8280', problem: 'accesses the stack below sp' },
  { name: 'no environment call', assembly: 'ecall; ret', code: '730000008280', problem: 'not allowed' },
  { name: 'no CSR', assembly: 'csrr a0, mstatus; ret', code: '732500308280', problem: 'not allowed' },
  { name: 'no counters', assembly: 'rdcycle a0; ret', code: '732500c08280', problem: 'not allowed' },
  { name: 'no fences', assembly: 'fence; ret', code: '0f00f00f8280', problem: 'not allowed' },
  { name: 'no atomics', assembly: 'amoadd.w a0, a0, (a0); ret', code: '2f25a5008280', problem: 'not allowed' },
  { name: 'no floats on rv32imc', assembly: 'fadd.s fa0, fa0, fa0; ret', code: '5375a5008280', problem: 'not allowed' },
  {
    name: 'a checked access',
    assembly: 'lui t1, 15; bgeu a0, t1, 1f; lui a5, 0x30000; add a5, a5, a0; lw a0, 0(a5); ret; 1: c.ebreak',
    code: '3d6363776500b7070030aa97884382800290',
    problem: undefined,
  },
  {
    name: 'the last byte of an access inside',
    assembly: 'lui t1, 16; addi t1, t1, -3; bgeu a0, t1, 1f; lui a5, 0x30000; add a5, a5, a0; lw a0, 0(a5); ret; 1: c.ebreak',
    code: '4163751363776500b7070030aa97884382800290',
    problem: undefined,
  },
  {
    name: 'the last byte of an access outside',
    assembly: 'lui t1, 16; addi t1, t1, -2; bgeu a0, t1, 1f; lui a5, 0x30000; add a5, a5, a0; lw a0, 0(a5); ret; 1: c.ebreak',
    code: '4163791363776500b7070030aa97884382800290',
    problem: 'no proof',
  },
  {
    name: 'a negative offset below the memory',
    assembly: 'lui t1, 15; bgeu a0, t1, 1f; lui a5, 0x30000; add a5, a5, a0; lw a0, -4(a5); ret; 1: c.ebreak',
    code: '3d6363786500b7070030aa9703a5c7ff82800290',
    problem: 'no proof',
  },
  {
    name: 'an unchecked store',
    assembly: 'lui a5, 0x30000; add a5, a5, a0; sb zero, 0(a5); ret',
    code: 'b7070030aa97238007008280',
    problem: 'no proof that this store of 1 bytes stays in bounds',
  },
  {
    name: 'the exact routine of another register',
    assembly: 'addi sp, sp, -16; lui a5, 0x30000; li t1, 4; jal t0, . - 4096 + 4; add a5, a5, a0; lw a0, 0(a5); addi sp, sp, 16; ret',
    code: '4111b70700301143eff24f80aa97884341018280',
    problem: 'no proof',
  },
  {
    name: 'the exact routine with the wrong link',
    assembly: 'addi sp, sp, -16; sw ra, 12(sp); li t1, 4; jal ra, . - 4096 + 2; ret',
    code: '411106c61143eff02f808280',
    problem: 'not the link register of this callee',
  },
  { name: 'a jump to a computed address', assembly: 'jr a0', code: '0285', problem: 'jumps to what is neither return address, slot nor table' },
  {
    name: 'a loop fills the frame',
    assembly: 'c.addi sp, -16; mv a5, sp; addi t2, a5, 16; 1: sw zero, 0(a5); sw zero, 4(a5); c.addi a5, 8; bne a5, t2, 1b; lw a0, 12(sp); c.addi sp, 16; ret',
    code: '41118a879383070123a0070023a20700a107e39b77fe324541018280',
    problem: undefined,
  },
  {
    name: 'a loop fills words above the frame',
    assembly: 'c.addi sp, -16; mv a5, sp; addi t2, a5, 24; 1: sw zero, 0(a5); sw zero, 4(a5); c.addi a5, 8; bne a5, t2, 1b; c.addi sp, 16; ret',
    code: '41118a879383870123a0070023a20700a107e39b77fe41018280',
    problem: "accesses the caller's frame",
  },
  {
    name: 'a loop fills words below sp',
    assembly: 'c.addi sp, -16; addi a5, sp, -8; addi t2, a5, 16; 1: sw zero, 0(a5); sw zero, 4(a5); c.addi a5, 8; bne a5, t2, 1b; c.addi sp, 16; ret',
    code: '4111930781ff9383070123a0070023a20700a107e39b77fe41018280',
    problem: 'accesses the stack below sp',
  },
  {
    name: 'a loop passes by its limit',
    assembly: 'c.addi sp, -16; mv a5, sp; addi t2, a5, 12; 1: sw zero, 0(a5); sw zero, 4(a5); c.addi a5, 8; bne a5, t2, 1b; c.addi sp, 16; ret',
    code: '41118a879383c70023a0070023a20700a107e39b77fe41018280',
    problem: 'no proof that this store',
  },
  {
    name: 'a filling loop that ends where it should go on',
    assembly: 'c.addi sp, -16; mv a5, sp; addi t2, a5, 16; 1: sw zero, 0(a5); sw zero, 4(a5); c.addi a5, 8; beq a5, t2, 1b; c.addi sp, 16; ret',
    code: '41118a879383070123a0070023a20700a107e38b77fe41018280',
    problem: 'no proof that this store',
  },
];
