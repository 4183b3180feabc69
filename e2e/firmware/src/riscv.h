/* What the programs for RISC-V share (privileged architecture 1.12). */
#pragma once
#include <stdint.h>

#define REG(address) (*(volatile uint32_t *)(uintptr_t)(address))
/* gcc 12 knows CSR instructions without being told, its assembler does not. */
__asm(".option arch, +zicsr");
#define read_csr(name) ({ uintptr_t value; __asm volatile("csrr %0, " #name : "=r"(value)); value; })
#define write_csr(name, value) __asm volatile("csrw " #name ", %0" ::"r"((uintptr_t)(value)) : "memory")
#define set_csr(name, value) __asm volatile("csrs " #name ", %0" ::"r"((uintptr_t)(value)) : "memory")
#define clear_csr(name, value) __asm volatile("csrc " #name ", %0" ::"r"((uintptr_t)(value)) : "memory")

/* ACLINT, as SiFive's CLINT has it. */
#ifndef CLINT
#define CLINT 0x02000000
#endif
#define MSIP REG(CLINT)
#define MTIMECMP_LOW REG(CLINT + 0x4000)
#define MTIMECMP_HIGH REG(CLINT + 0x4004)
#define MTIME_LOW REG(CLINT + 0xbff8)

#define MIE_SOFTWARE (1u << 3)
#define MIE_TIMER (1u << 7)
#define STATUS_MIE (1u << 3)
