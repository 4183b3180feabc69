/* Unprivileged code against the MPU (PMSAv6: DDI 0419, B3.5; PMSAv7: DDI 0403, B3.5; PMSAv8: DDI 0553, B9). */
#include <setjmp.h>
#include <stdio.h>
#include "arm.h"

#define MPU_TYPE REG(0xe000ed90)
#define MPU_CTRL REG(0xe000ed94)
#define MPU_RNR REG(0xe000ed98)
#define MPU_RBAR REG(0xe000ed9c)
#define MPU_RASR REG(0xe000eda0)
#define MPU_RLAR REG(0xe000eda0)
#define MPU_MAIR0 REG(0xe000edc0)

static uint32_t guarded[64] __attribute__((aligned(256)));
static uint32_t constants[64] __attribute__((aligned(256)));
static volatile uint32_t seen, seen_address;
static jmp_buf resume;

static void recover(void) { longjmp(resume, 1); }
__attribute__((used)) static void fault_c(uint32_t *frame)
{
#if __ARM_ARCH == 6 /* It has no status registers, and only HardFault. */
    seen = 1;
#else
    seen = SCB_CFSR;
    seen_address = SCB_MMFAR;
    SCB_CFSR = seen;
#endif
    frame[6] = (uint32_t)recover & ~1u;
    frame[7] = 0x01000000;
}
__attribute__((naked)) static void fault(void)
{
    __asm(".syntax unified\n\tmovs r0, #4\n\tmov r1, lr\n\ttst r1, r0\n\tbeq 1f\n\tmrs r0, psp\n\tb 2f\n1:\tmrs r0, msp\n2:\tpush {r3, lr}\n\tbl fault_c\n\tpop {r3, pc}");
}
/* SVC 0: privileged from now on; SVC 1: not. */
__attribute__((naked)) static void svc(void)
{
    __asm(".syntax unified\n\tmrs r0, msp\n\tldr r1, [r0, #24]\n\tsubs r1, #2\n\tldrb r1, [r1]\n\tmsr control, r1\n\tisb\n\tbx lr");
}
static void privileged(void) { __asm volatile("svc #0" ::: "r0", "r1", "r2", "r3", "r12", "lr", "memory"); }
static void unprivileged(void) { __asm volatile("svc #1" ::: "r0", "r1", "r2", "r3", "r12", "lr", "memory"); }
static void unexpected(void)
{
    printf("unexpected exception %lu\n", (unsigned long)ipsr());
    for (;;) { }
}

__attribute__((section(".data.init.enter"), used, aligned(256))) const void *const __interrupt_vector[48] = {
    __stack, (void *)_start, unexpected,
#if __ARM_ARCH == 6
    fault,
#else
    unexpected,
#endif
    fault, fault, fault, 0, 0, 0, 0, svc, unexpected, 0, unexpected, unexpected,
    [16 ... 47] = unexpected,
};

/* Rights of regions: everybody reads, everybody writes, only privileged code does; and never executed. */
enum rights { readable, writable, own, constant };

static void region(uint32_t number, uint32_t base, uint32_t bytes, enum rights rights)
{
    MPU_RNR = number;
#if __ARM_ARCH == 8
    static const uint8_t bits[] = { 3 << 1, 1 << 1, 0 << 1, 3 << 1 | 1 };
    MPU_RBAR = base | bits[rights];
    MPU_RLAR = ((base + bytes - 1) & ~31u) | 1;
#else
    static const uint32_t bits[] = { 6 << 24, 3 << 24, 1 << 24, 1 << 28 | 6 << 24 };
    uint32_t log2 = 8;
    while (1u << log2 < bytes)
        log2++;
    MPU_RBAR = base;
    MPU_RASR = bits[rights] | 1 << 17 | (log2 - 1) << 1 | 1;
#endif
}

static void protect(void)
{
    MPU_CTRL = 0;
    region(0, FLASH_BASE, 0x40000, readable);
#if __ARM_ARCH == 8 /* Regions must not overlap. */
    uint32_t own_at = (uint32_t)guarded, constant_at = (uint32_t)constants;
    uint32_t first = own_at < constant_at ? own_at : constant_at, second = own_at < constant_at ? constant_at : own_at;
    MPU_MAIR0 = 0xff;
    region(1, own_at, sizeof guarded, own);
    region(2, constant_at, sizeof constants, constant);
    if (first > RAM_BASE)
        region(3, RAM_BASE, first - RAM_BASE, writable);
    if (second > first + sizeof guarded)
        region(4, first + sizeof guarded, second - first - sizeof guarded, writable);
    region(5, second + sizeof guarded, RAM_BASE + RAM_BYTES - second - sizeof guarded, writable);
#else
    region(1, RAM_BASE, 0x2000, writable);
    region(4, RAM_BASE + RAM_BYTES - 0x2000, 0x2000, writable);
    region(5, (uint32_t)guarded, sizeof guarded, own);
    region(6, (uint32_t)constants, sizeof constants, constant);
#endif
    MPU_CTRL = 5;
    barrier();
}

static void result(const char *what, volatile uint32_t *place)
{
    if (seen == 0)
        printf("%s: allowed\n", what);
    else if (__ARM_ARCH == 6)
        printf("%s: refused\n", what);
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
#if __ARM_ARCH != 6
    SCB_SHCSR |= 7u << 16;
#endif
    guarded[0] = constants[0] = 0x4770; /* bx lr */
    protect();

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
