/* Vector table, start and SysTick of an M-profile core (Armv7-M Architecture Reference Manual, DDI 0403, B1.5 and B3.3). */
#include "machine.h"

extern uint32_t __stack[], __bss_start[], __bss_end[];
int main(void);

#define SYST_CSR REG(0xe000e010)
#define SYST_RVR REG(0xe000e014)
#define SYST_CVR REG(0xe000e018)

void leave(int status)
{
    volatile uint32_t block[2];
    block[0] = 0x20026; /* ADP_Stopped_ApplicationExit */
    block[1] = (uint32_t)status;
    register uint32_t r0 __asm("r0") = 0x20;
    register volatile uint32_t *r1 __asm("r1") = block;
    __asm volatile("bkpt 0xab" ::"r"(r0), "r"(r1) : "memory");
    for (;;) { }
}

void start_ticks(uint32_t instructions)
{
    SYST_RVR = instructions - 1;
    SYST_CVR = 0;
    SYST_CSR = 7;
}

void stop_ticks(void) { SYST_CSR = 0; }

__attribute__((weak)) void tick(void) { leave(3); }

static void fault(void) { leave(2); }

static void unexpected(void) { leave(3); }
__attribute__((weak)) void timer0(void) { leave(3); }

void start(void)
{
    for (uint32_t *word = __bss_start; word < __bss_end; word++)
        *word = 0;
    leave(main());
}

__attribute__((section(".vectors"), used)) static const void *const vectors[16 + 32] = {
    __stack, (void *)start, fault, fault, fault, fault, fault, 0, 0, 0, 0, fault, fault, 0, fault, tick,
    [16 ... 23] = unexpected, timer0, [25 ... 47] = unexpected,
};
