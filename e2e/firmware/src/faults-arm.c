/*
 * Faults of every kind, handled: each prints what the fault registers say, and goes on behind it. With the name of one as an argument
 * it happens without handlers, and the HardFault handler hangs as vendors' start-up code does.
 */
#include <setjmp.h>
#include <stdio.h>
#include <string.h>
#include "arm.h"

struct kind {
    const char *name;
    void (*cause)(void);
};

static jmp_buf resume;
static volatile uint32_t seen_number, seen_cfsr, seen_hfsr, seen_address;
static uint32_t handlers;

static void udf(void) { __asm volatile("udf #7"); }
static void arm_state(void) { ((void (*)(void))((uint32_t)_start & ~1u))(); }
static void jump_to_nothing(void) { ((void (*)(void))0x68000001)(); }
static void null_function(void) { ((void (*)(void))0)(); }
static void breakpoint(void) { __asm volatile("bkpt #1"); }
#ifdef NOTHING_AT
static void load_from_nothing(void) { (void)REG(NOTHING_AT); }
static void store_to_nothing(void)
{
    REG(NOTHING_AT) = 1;
    barrier();
}
#endif
#if __ARM_ARCH >= 7
static volatile int zero;
static void divide(void)
{
    SCB_CCR |= 0x10;
    uint32_t result;
    __asm volatile("udiv %0, %1, %2" : "=r"(result) : "r"(7), "r"(zero));
}
static void unaligned(void)
{
    SCB_CCR |= 8;
    (void)*(volatile uint32_t *)((uint32_t)&zero + 1);
}
static void unaligned_multiple(void) { __asm volatile("ldmia %0, {r1, r2}" ::"r"((uint32_t)&zero + 1) : "r1", "r2"); }
static void coprocessor(void) { __asm volatile("mrc p3, 0, r0, c0, c0" ::: "r0"); }
static void code_in_devices(void) { ((void (*)(void))0xe000e001)(); }
static void bad_return(void) { __asm volatile("svc #1"); }
#else
static volatile int zero;
static void unaligned(void) { __asm volatile("ldr r0, [%0]" ::"r"((uint32_t)&zero + 1) : "r0"); } /* C would load bytes. */
#endif
static void svc_in_fault(void) { __asm volatile("cpsid i\n\tsvc #0\n\tcpsie i"); }

static const struct kind kinds[] = {
    {"udf", udf},
    {"arm-state", arm_state},
    {"jump", jump_to_nothing},
    {"null-function", null_function},
    {"breakpoint", breakpoint},
#ifdef NOTHING_AT
    {"load", load_from_nothing},
    {"store", store_to_nothing},
#endif
#if __ARM_ARCH >= 7
    {"divide", divide},
    {"unaligned-multiple", unaligned_multiple},
    {"coprocessor", coprocessor},
    {"xn", code_in_devices},
    {"bad-return", bad_return},
#endif
    {"unaligned", unaligned},
    {"masked-svc", svc_in_fault},
};

static void recover(void) { longjmp(resume, 1); }

/* Returns how to return: what came with a bad EXC_RETURN would fail again. */
__attribute__((used)) static uint32_t fault_c(uint32_t *frame, uint32_t exc_return)
{
    if (!handlers)
        for (;;) { }
    seen_number = ipsr();
#if __ARM_ARCH >= 7
    seen_cfsr = SCB_CFSR;
    seen_hfsr = SCB_HFSR;
    seen_address = (seen_cfsr & 0x8000) ? SCB_BFAR : (seen_cfsr & 0x80) ? SCB_MMFAR : 0;
    SCB_CFSR = seen_cfsr;
    SCB_HFSR = seen_hfsr;
    SCB_CCR &= ~0x18u;
#endif
    frame[6] = (uint32_t)recover;
    frame[7] = 0x01000000;
    return (exc_return & 0xf) == 5 ? 0xfffffff9 : exc_return;
}
__attribute__((naked)) static void fault(void)
{
    __asm("mov r1, lr\n\tmov r0, sp\n\tbl fault_c\n\tbx r0");
}
/* "bad-return": EXC_RETURN that means nothing. */
__attribute__((naked)) static void svc(void) { __asm("ldr r0, =0xfffffff5\n\tbx r0"); }

static void unexpected(void)
{
    printf("unexpected exception %lu\n", (unsigned long)ipsr());
    for (;;) { }
}

__attribute__((section(".data.init.enter"), used, aligned(256))) const void *const __interrupt_vector[48] = {
    __stack, (void *)_start, unexpected, fault, fault, fault, fault, 0, 0, 0, 0, svc, unexpected, 0, unexpected, unexpected,
    [16 ... 47] = unexpected,
};

static void try(const struct kind *kind)
{
    if (setjmp(resume) == 0) {
        kind->cause();
        printf("%s: nothing happened\n", kind->name);
        return;
    }
    __asm volatile("cpsie i");
    printf("%s: exception %lu, cfsr %08lx, hfsr %08lx, address %08lx\n", kind->name, (unsigned long)seen_number, (unsigned long)seen_cfsr, (unsigned long)seen_hfsr, (unsigned long)seen_address);
}

int main(int argc, char **argv)
{
    const unsigned count = sizeof kinds / sizeof kinds[0];
    const int single = argc > 1 && strcmp(argv[1], "all") != 0;
    for (unsigned index = 0; single && index < count; index++)
        if (strcmp(kinds[index].name, argv[1]) == 0)
            kinds[index].cause();
    if (single)
        return 3;
    handlers = 1;
    for (unsigned index = 0; index < count; index++)
        try(&kinds[index]);
#if __ARM_ARCH >= 7
    puts("with handlers of their own");
    SCB_SHCSR |= 7u << 16;
    for (unsigned index = 0; index < count; index++)
        try(&kinds[index]);
#endif
    return 0;
}
