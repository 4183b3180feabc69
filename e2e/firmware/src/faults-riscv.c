/*
 * Exceptions of every kind, handled: each prints cause and value, and goes on behind it. With the name of one as an argument it happens
 * without a handler that helps, and the handler hangs as vendors' start-up code does.
 */
#include <setjmp.h>
#include <stdio.h>
#include <string.h>
#include "riscv.h"

struct kind {
    const char *name;
    void (*cause)(void);
};

static jmp_buf resume;
static volatile uintptr_t seen_cause, seen_value, seen_pc;
static int handlers;

static void illegal(void) { __asm volatile(".4byte 0xffffffff"); }
static void zeros(void) { __asm volatile(".2byte 0"); }
static void call(void) { __asm volatile("ecall"); }
static void breakpoint(void) { __asm volatile("ebreak"); }
static void load_from_nothing(void) { (void)REG(NOTHING_AT); }
static void store_to_nothing(void) { REG(NOTHING_AT) = 1; }
static void jump_to_nothing(void) { ((void (*)(void))NOTHING_AT)(); }
static uintptr_t words[2];
static void misaligned_reserve(void) { __asm volatile("lr.w t0, (%0)" ::"r"((uintptr_t)words + 2) : "t0", "memory"); }
static void misaligned_add(void) { __asm volatile("amoadd.w t0, t0, (%0)" ::"r"((uintptr_t)words + 1) : "t0", "memory"); }
static void no_register(void) { __asm volatile("csrr t0, 0x8ff" ::: "t0"); }
static void read_only_register(void) { __asm volatile("csrw mhartid, zero"); }

static const struct kind kinds[] = {
    {"illegal", illegal},       {"zeros", zeros},           {"call", call},
    {"breakpoint", breakpoint}, {"load", load_from_nothing}, {"store", store_to_nothing},
    {"jump", jump_to_nothing},  {"no-csr", no_register},    {"read-only-csr", read_only_register},
    {"misaligned-reserve", misaligned_reserve}, {"misaligned-add", misaligned_add},
};

static void recover(void) { longjmp(resume, 1); }

__attribute__((interrupt("machine"), aligned(4))) static void trap(void)
{
    if (!handlers)
        for (;;) { }
    seen_cause = read_csr(mcause);
    seen_value = read_csr(mtval);
    seen_pc = read_csr(mepc);
    write_csr(mepc, (uintptr_t)recover);
}

int main(int argc, char **argv)
{
    const unsigned count = sizeof kinds / sizeof kinds[0];
    const int single = argc > 1 && strcmp(argv[1], "all") != 0;
    write_csr(mtvec, (uintptr_t)trap);
    for (unsigned index = 0; single && index < count; index++)
        if (strcmp(kinds[index].name, argv[1]) == 0)
            kinds[index].cause();
    if (single)
        return 3;
    handlers = 1;
    for (unsigned index = 0; index < count; index++) {
        const struct kind *kind = &kinds[index];
        if (setjmp(resume) == 0) {
            kind->cause();
            printf("%s: nothing happened\n", kind->name);
        } else {
            /* What mtval holds of an illegal instruction is the implementation's business. */
            uintptr_t value = seen_cause == 2 || seen_cause == 3 ? 0 : seen_value;
            if (value - (uintptr_t)words < sizeof words)
                value -= (uintptr_t)words;
            printf("%s: cause %lu, value %lx\n", kind->name, (unsigned long)seen_cause, (unsigned long)value);
        }
    }
    return 0;
}
