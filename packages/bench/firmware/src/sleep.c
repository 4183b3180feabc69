/* Sleeps for an hour, and wakes up every minute. */
#include "machine.h"

static volatile uint32_t minutes;

#ifdef __riscv
void tick(void) { minutes++; }
static void begin(void) { start_ticks(25000000u * 60); }
#else
/* The timer's 32 bits count 171 s of 25 MHz; those of SysTick less than one. */
#define TIMER 0x40000000
void timer0(void)
{
    REG(TIMER + 0x0c) = 1;
    minutes++;
}
static void begin(void)
{
    REG(TIMER + 0x08) = 25000000u * 60 - 1;
    REG(TIMER + 0x04) = 25000000u * 60 - 1;
    REG(0xe000e100) = 1 << 8;
    REG(TIMER) = 9;
}
#endif

int main(void)
{
    begin();
    while (minutes < 60)
        __asm volatile("wfi");
    return 0;
}
