/* User mode behind PMP: calls of machine mode, and everything that it must not do. Then a locked entry, which binds machine mode too. */
#include <setjmp.h>
#include <stdio.h>
#include "riscv-trap.h"

#define R 1
#define W 2
#define X 4
#define NAPOT (3 << 3)
#define LOCKED 0x80

static uint32_t user_data[16] __attribute__((aligned(64)));
static uintptr_t user_stack[256] __attribute__((aligned(1024 * sizeof(uintptr_t) / 4)));
static uint32_t kernel_data[16] __attribute__((aligned(64))) = {7};
static jmp_buf resume;
static volatile uintptr_t seen_cause, seen_value;

static void recover(void) { longjmp(resume, 1); }

uintptr_t *trap(uintptr_t *frame)
{
    const uintptr_t cause = read_csr(mcause);
    if (cause == 8 && frame[FRAME_A7] == 1) { /* add */
        frame[FRAME_A0] += frame[FRAME_A1];
        frame[FRAME_PC] += 4;
        return frame;
    }
    seen_cause = cause;
    seen_value = read_csr(mtval);
    frame[FRAME_PC] = (uintptr_t)recover;
    frame[FRAME_STATUS] |= MPP_MACHINE;
    return frame;
}

static uintptr_t call(uintptr_t number, uintptr_t a, uintptr_t b)
{
    register uintptr_t a0 __asm("a0") = a, a1 __asm("a1") = b, a7 __asm("a7") = number;
    __asm volatile("ecall" : "+r"(a0) : "r"(a1), "r"(a7) : "memory");
    return a0;
}

static void adds(void) { user_data[0] = call(1, 40, 2); call(0, 0, 0); }
static void reads(void) { user_data[1] = *(volatile uint32_t *)kernel_data; }
static void writes(void) { *(volatile uint32_t *)kernel_data = 1; }
static void writes_code(void) { *(volatile uint32_t *)(uintptr_t)FLASH_BASE = 1; }
static void beside(void) { *(volatile uint32_t *)((uintptr_t)user_data + sizeof user_data) = 1; }
static void jumps(void) { ((void (*)(void))user_data)(); }
static void device(void) { (void)MSIP; }
static void register_of_machine(void) { (void)read_csr(mstatus); }
static void returns(void) { __asm volatile("mret"); }
static void breaks(void) { __asm volatile("ebreak"); }

static const struct { const char *name; void (*does)(void); } tries[] = {
    {"calls", adds}, {"reads the kernel", reads}, {"writes the kernel", writes}, {"writes code", writes_code}, {"writes behind its data", beside}, {"jumps into data", jumps},
    {"reads a device", device}, {"reads mstatus", register_of_machine}, {"mret", returns}, {"ebreak", breaks},
};

static uintptr_t napot(uintptr_t base, uintptr_t size) { return (base >> 2) | ((size >> 3) - 1); }

__attribute__((noinline)) static void enter(void (*program)(void))
{
    static uintptr_t machine_stack[256] __attribute__((aligned(16)));
    uintptr_t status = (read_csr(mstatus) & ~(uintptr_t)MPP_MACHINE) | STATUS_MPIE;
    write_csr(mscratch, (uintptr_t)(machine_stack + 256));
    write_csr(mstatus, status);
    write_csr(mepc, (uintptr_t)program);
    __asm volatile("mv sp, %0\n mret" ::"r"(user_stack + 256) : "memory");
    __builtin_unreachable();
}

int main(void)
{
    write_csr(mscratch, 0);
    write_csr(mtvec, (uintptr_t)trap_entry);
    write_csr(pmpaddr0, napot((uintptr_t)user_data, sizeof user_data));
    write_csr(pmpaddr1, napot((uintptr_t)user_stack, sizeof user_stack));
    write_csr(pmpaddr2, napot(FLASH_BASE, FLASH_BYTES));
    write_csr(pmpcfg0, ((uintptr_t)(NAPOT | R | X) << 16) | ((NAPOT | R | W) << 8) | (NAPOT | R | W));
    printf("pmpcfg0 %lx\n", (unsigned long)read_csr(pmpcfg0));
    for (unsigned index = 0; index < sizeof tries / sizeof tries[0]; index++) {
        if (setjmp(resume) == 0)
            enter(tries[index].does);
        const int address = seen_cause == 1 || seen_cause == 5 || seen_cause == 7;
        uintptr_t value = address ? seen_value : 0;
        if (value >= (uintptr_t)RAM_BASE && value < (uintptr_t)RAM_BASE + RAM_BYTES)
            value = value == (uintptr_t)kernel_data ? 1 : value == (uintptr_t)user_data ? 2 : value == (uintptr_t)user_data + sizeof user_data ? 3 : 4;
        printf("user %s: cause %lu, value %lx\n", tries[index].name, (unsigned long)seen_cause, (unsigned long)value);
    }
    printf("sum %lu, kernel %lu\n", (unsigned long)user_data[0], (unsigned long)kernel_data[0]);

    /* Locked and read only: machine mode cannot write it, nor take the lock off. */
    write_csr(pmpaddr3, napot((uintptr_t)kernel_data, sizeof kernel_data));
    write_csr(pmpcfg0, read_csr(pmpcfg0) | ((uintptr_t)(LOCKED | NAPOT | R) << 24));
    write_csr(pmpcfg0, read_csr(pmpcfg0) & 0xffffff);
    printf("locked %lx\n", (unsigned long)(read_csr(pmpcfg0) >> 24 & 0xff));
    printf("machine reads %lu\n", (unsigned long)*(volatile uint32_t *)kernel_data);
    if (setjmp(resume) == 0) {
        writes();
        printf("machine wrote\n");
    } else {
        printf("machine writes: cause %lu, there: %d\n", (unsigned long)seen_cause, seen_value == (uintptr_t)kernel_data);
    }
    return 0;
}
