/* Start and timer of a hart in machine mode (privileged architecture 1.12), with the CLINT of QEMU's virt board: 10 MHz, the CPU makes 25. */
#include "machine.h"

__asm(".option arch, +zicsr");

int main(void);

#define MTIMECMP_LOW REG(0x02004000)
#define MTIMECMP_HIGH REG(0x02004004)
#define MTIME_LOW REG(0x0200bff8)

static uint64_t next, period;

__attribute__((noinline)) static void semihosting(uint32_t operation, volatile uint32_t *block)
{
    register uint32_t a0 __asm("a0") = operation;
    register volatile uint32_t *a1 __asm("a1") = block;
    /* None of the three may be compressed (RISC-V semihosting 0.4, 1.2). */
    __asm volatile(".option push\n\t.option norvc\n\t.balign 16\n\tslli x0, x0, 0x1f\n\tebreak\n\tsrai x0, x0, 7\n\t.option pop" ::"r"(a0), "r"(a1) : "memory");
}

void leave(int status)
{
    volatile uint32_t block[2];
    block[0] = 0x20026; /* ADP_Stopped_ApplicationExit */
    block[1] = (uint32_t)status;
    semihosting(0x20, block);
    for (;;) { }
}

static void set_compare(void)
{
    MTIMECMP_HIGH = 0xffffffff;
    MTIMECMP_LOW = (uint32_t)next;
    MTIMECMP_HIGH = (uint32_t)(next >> 32);
}

__attribute__((weak)) void tick(void) { leave(3); }

__attribute__((interrupt, aligned(4))) static void trap(void)
{
    uint32_t cause;
    __asm volatile("csrr %0, mcause" : "=r"(cause));
    if (cause != 0x80000007)
        leave(2);
    next += period;
    set_compare();
    tick();
}

void start_ticks(uint32_t instructions)
{
    period = instructions * 2 / 5;
    next = MTIME_LOW + period;
    set_compare();
    __asm volatile("csrs mie, %0\n\tcsrsi mstatus, 8" ::"r"(1 << 7));
}

void stop_ticks(void) { __asm volatile("csrci mstatus, 8"); }

__attribute__((used)) static void begin(void)
{
    __asm volatile("csrw mtvec, %0" ::"r"(trap));
    leave(main());
}

/* RAM is zero at power-on. */
__attribute__((naked, section(".vectors"), used)) void start(void)
{
    __asm("la sp, __stack\n\tj begin");
}
