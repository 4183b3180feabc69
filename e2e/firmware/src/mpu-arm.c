/* Unprivileged code against the MPU (PMSAv7: DDI 0403, B3.5). */
#include <setjmp.h>
#include <stdio.h>
#include "arm.h"

#define MPU_TYPE REG(0xe000ed90)
#define MPU_CTRL REG(0xe000ed94)
#define MPU_RNR REG(0xe000ed98)
#define MPU_RBAR REG(0xe000ed9c)
#define MPU_RASR REG(0xe000eda0)

static uint32_t guarded[64] __attribute__((aligned(256)));
static uint32_t constants[64] __attribute__((aligned(256)));
static volatile uint32_t seen, seen_address;
static jmp_buf resume;

static void recover(void) { longjmp(resume, 1); }
__attribute__((used)) static void fault_c(uint32_t *frame)
{
    seen = SCB_CFSR;
    seen_address = SCB_MMFAR;
    SCB_CFSR = seen;
    frame[6] = (uint32_t)recover;
    frame[7] = 0x01000000;
}
__attribute__((naked)) static void fault(void)
{
    __asm("tst lr, #4\n\tite eq\n\tmrseq r0, msp\n\tmrsne r0, psp\n\tpush {r3, lr}\n\tbl fault_c\n\tpop {r3, pc}");
}
/* SVC 0: privileged from now on; SVC 1: not. */
__attribute__((naked)) static void svc(void)
{
    __asm("mrs r0, msp\n\tldr r1, [r0, #24]\n\tldrb r1, [r1, #-2]\n\tmsr control, r1\n\tisb\n\tbx lr");
}
static void privileged(void) { __asm volatile("svc #0" ::: "r0", "r1", "r2", "r3", "r12", "lr", "memory"); }
static void unprivileged(void) { __asm volatile("svc #1" ::: "r0", "r1", "r2", "r3", "r12", "lr", "memory"); }
static void unexpected(void)
{
    printf("unexpected exception %lu\n", (unsigned long)ipsr());
    for (;;) { }
}

__attribute__((section(".data.init.enter"), used, aligned(256))) const void *const __interrupt_vector[48] = {
    __stack, (void *)_start, unexpected, unexpected, fault, fault, fault, 0, 0, 0, 0, svc, unexpected, 0, unexpected, unexpected,
    [16 ... 47] = unexpected,
};

static void region(uint32_t number, uint32_t base, uint32_t size_log2, uint32_t access, uint32_t never)
{
    MPU_RNR = number;
    MPU_RBAR = base;
    MPU_RASR = never << 28 | access << 24 | 1 << 17 | (size_log2 - 1) << 1 | 1;
}

static void result(const char *what, volatile uint32_t *place)
{
    if (seen == 0)
        printf("%s: allowed\n", what);
    else
        printf("%s: cfsr %08lx, %s\n", what, (unsigned long)seen, seen & 0x80 ? seen_address == (uint32_t)place ? "right address" : "wrong address" : "no address");
}
static void store(const char *what, volatile uint32_t *place)
{
    seen = 0;
    if (setjmp(resume) == 0)
        *place = 1;
    privileged();
    result(what, place);
}
static void load(const char *what, volatile uint32_t *place)
{
    seen = 0;
    if (setjmp(resume) == 0)
        (void)*place;
    privileged();
    result(what, place);
}
static void call(const char *what, volatile uint32_t *place)
{
    seen = 0;
    if (setjmp(resume) == 0)
        ((void (*)(void))((uint32_t)place | 1))();
    privileged();
    result(what, place);
}

int main(void)
{
    printf("mpu: %lu regions\n", (unsigned long)((MPU_TYPE >> 8) & 0xff));
    SCB_SHCSR |= 7u << 16;
    guarded[0] = constants[0] = 0x4770; /* bx lr */
    MPU_CTRL = 0;
    region(0, FLASH_BASE, 18, 6, 0);
    region(1, RAM_BASE, 13, 3, 0);
    region(4, RAM_BASE + RAM_BYTES - 0x2000, 13, 3, 0);
    region(2, (uint32_t)guarded, 8, 1, 0);
    region(3, (uint32_t)constants, 8, 6, 1);
    MPU_CTRL = 5;
    barrier();

    store("privileged store to guarded", &guarded[1]);
    store("privileged store to constants", &constants[1]);
    call("privileged call of constants", &constants[0]);
    call("privileged call of guarded", &guarded[0]);
    unprivileged(); load("unprivileged load of guarded", &guarded[2]);
    unprivileged(); store("unprivileged store to guarded", &guarded[2]);
    unprivileged(); load("unprivileged load of constants", &constants[2]);
    unprivileged(); store("unprivileged store to constants", &constants[3]);
    unprivileged(); call("unprivileged call of constants", &constants[0]);
    uint32_t control;
    unprivileged();
    __asm volatile("mrs %0, control" : "=r"(control));
    __asm volatile("cpsid i");
    uint32_t mask;
    __asm volatile("mrs %0, primask" : "=r"(mask));
    privileged();
    __asm volatile("mrs %0, primask" : "=r"(mask));
    printf("control %lu, primask %lu\n", (unsigned long)control, (unsigned long)mask);
    MPU_CTRL = 0;
    barrier();
    store("store with the MPU off", &constants[1]);
    return 0;
}
