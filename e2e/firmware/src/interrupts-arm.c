/* Exceptions in order: nesting by priority, tail chaining, masks, PendSV, SVC, SysTick. Interrupts 20 to 25 are pended by software. */
#include <stdio.h>
#include <string.h>
#include "arm.h"

static char log_text[400];
static void note(const char *text)
{
    strcat(log_text, text);
    strcat(log_text, " ");
}
static void show(const char *what)
{
    printf("%s: %s\n", what, log_text);
    log_text[0] = 0;
}
static void pend(unsigned irq)
{
    NVIC_ISPR = 1u << irq;
    barrier();
}

static volatile uint32_t ticks;
static uint32_t active_seen, icsr_seen;

static void irq20(void) { note("20("); pend(21); note(")20"); }
static void irq21(void)
{
    note("21(");
    active_seen = NVIC_IABR;
    pend(22);
    pend(23); /* the same priority: after this one, before 20 goes on */
    icsr_seen = SCB_ICSR;
    SCB_ICSR = ICSR_PENDSVSET; /* the lowest priority: after all of them */
    barrier();
    note(")21");
}
static void irq22(void) { note("22("); note(ipsr() == 16 + 22 ? "ipsr=38" : "wrong ipsr"); note(")22"); }
static void irq23(void) { note("23()"); }
static void irq24(void) { note("24()"); }
static void irq25(void) { note("25()"); }
static void pendsv(void) { note("pendsv()"); }
static void systick(void)
{
    if (++ticks == 3)
        SYST_CSR = 0;
}

/* The number in the SVC instruction; the answer goes into the stacked r0. */
__attribute__((used)) static void svc_c(uint32_t *frame)
{
    uint8_t number = ((const uint8_t *)frame[6])[-2];
    frame[0] = number * 1000 + frame[0] + frame[1];
}
__attribute__((naked)) static void svc(void) { __asm("mrs r0, msp\n\tpush {r3, lr}\n\tbl svc_c\n\tpop {r3, pc}"); }

static void unexpected(void)
{
    printf("unexpected exception %lu\n", (unsigned long)ipsr());
    for (;;) { }
}

__attribute__((section(".data.init.enter"), used, aligned(256))) const void *const __interrupt_vector[48] = {
    __stack, (void *)_start, unexpected, unexpected, unexpected, unexpected, unexpected, 0, 0, 0, 0, svc, unexpected, 0, pendsv, systick,
    [16 ... 35] = unexpected, [36] = irq20, irq21, irq22, irq23, irq24, irq25, [42 ... 47] = unexpected,
};

int main(void)
{
    set_priority(20, 0xc0);
    set_priority(21, 0x80);
    set_priority(22, 0x40);
    set_priority(23, 0x80);
    set_priority(24, 0x40);
    set_priority(25, 0x40);
    SCB_SHPR3 = 0xc0c00000u; /* SysTick, PendSV */
    NVIC_ISER = 0x3fu << 20;

    pend(20);
    show("nested");
    printf("active in 21: %08lx, vectactive %lu, vectpending %lu\n", (unsigned long)active_seen, (unsigned long)(icsr_seen & 0x1ff), (unsigned long)((icsr_seen >> 12) & 0x1ff));

    __asm volatile("cpsid i");
    pend(25);
    pend(24);
    note("masked");
    printf("pending %08lx\n", (unsigned long)NVIC_ISPR);
    __asm volatile("cpsie i\n\tisb");
    note("unmasked");
    show("primask, lower number first");

    __asm volatile("cpsid i");
    pend(22);
    NVIC_ICPR = 1u << 22;
    __asm volatile("cpsie i\n\tisb");
    NVIC_ICER = 1u << 24;
    pend(24);
    note("disabled");
    NVIC_ISER = 1u << 24;
    barrier();
    note("enabled");
    show("cleared, then disabled");

#if __ARM_ARCH >= 7
    __asm volatile("msr basepri, %0" ::"r"(0x80));
    pend(23);
    note("below");
    pend(24);
    note("above");
    __asm volatile("msr basepri, %0\n\tisb" ::"r"(0));
    show("basepri 0x80");
#endif

    register uint32_t r0 __asm("r0") = 30;
    register uint32_t r1 __asm("r1") = 4;
    __asm volatile("svc #7" : "+r"(r0) : "r"(r1) : "memory", "r2", "r3", "r12", "lr");
    printf("svc 7 answers %lu\n", (unsigned long)r0);

    SYST_RVR = 9999;
    SYST_CVR = 0;
    SYST_CSR = 7;
    while (ticks < 3)
        __asm volatile("wfi");
    printf("systick fired %lu times\n", (unsigned long)ticks);
    return 0;
}
