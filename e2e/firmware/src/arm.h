/* What the programs for M-profile cores share. Sections of the Armv7-M Architecture Reference Manual (DDI 0403) are named. */
#pragma once
#include <stdint.h>

#define REG(address) (*(volatile uint32_t *)(uintptr_t)(address))
#define REG8(address) (*(volatile uint8_t *)(uintptr_t)(address))

/* B3.2, B3.3, B3.4 */
#define SYST_CSR REG(0xe000e010)
#define SYST_RVR REG(0xe000e014)
#define SYST_CVR REG(0xe000e018)
#define NVIC_ISER REG(0xe000e100)
#define NVIC_ICER REG(0xe000e180)
#define NVIC_ISPR REG(0xe000e200)
#define NVIC_ICPR REG(0xe000e280)
#define NVIC_IABR REG(0xe000e300)
#define NVIC_IPR(word) REG(0xe000e400 + 4 * (word))
#define SCB_ICSR REG(0xe000ed04)
#define SCB_CCR REG(0xe000ed14)
#define SCB_SHPR2 REG(0xe000ed1c)
#define SCB_SHPR3 REG(0xe000ed20)
#define SCB_SHCSR REG(0xe000ed24)
#define SCB_CFSR REG(0xe000ed28)
#define SCB_HFSR REG(0xe000ed2c)
#define SCB_MMFAR REG(0xe000ed34)
#define SCB_BFAR REG(0xe000ed38)
#define SCB_CPACR REG(0xe000ed88)
#define FPU_FPCCR REG(0xe000ef34)

#define ICSR_PENDSVSET (1u << 28)
#define ICSR_PENDSTSET (1u << 26)

static inline void barrier(void) { __asm volatile("dsb\n\tisb" ::: "memory"); }
static inline uint32_t ipsr(void) { uint32_t value; __asm volatile("mrs %0, ipsr" : "=r"(value)); return value; }

/* Priorities of interrupts are bytes of words: v6-M has no byte access (DDI 0419, B3.4). */
static inline void set_priority(unsigned irq, uint8_t priority)
{
    unsigned shift = 8 * (irq & 3);
    NVIC_IPR(irq / 4) = (NVIC_IPR(irq / 4) & ~(0xffu << shift)) | ((uint32_t)priority << shift);
}

extern char __stack[];
extern void _start(void);
