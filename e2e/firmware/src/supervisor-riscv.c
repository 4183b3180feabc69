/* Supervisor mode: exceptions and interrupts that machine mode delegates to it, calls of machine mode, and a timer that machine mode passes on. */
#include <stdio.h>
#include <string.h>
#include "riscv-trap.h"

static char log_text[400];
static void note(const char *text) { strcat(log_text, text); strcat(log_text, " "); }
static void show(const char *what) { printf("%s: %s\n", what, log_text); log_text[0] = 0; }

static volatile unsigned timers, done;
static uintptr_t supervisor_stack[512] __attribute__((aligned(16))), user_stack[256] __attribute__((aligned(16)));

/* Machine mode: 0 ends, 1 sets the timer in a0 ticks. A timer interrupt becomes one of supervisor mode. */
static void back_in_machine_mode(void);
uintptr_t *trap(uintptr_t *frame)
{
    const uintptr_t cause = read_csr(mcause);
    if (cause == (INTERRUPT | 7)) {
        MTIMECMP_HIGH = 0xffffffff;
        set_csr(mip, 1 << 5);
        return frame;
    }
    if (cause != 9) {
        note("unexpected in machine mode");
        frame[FRAME_A7] = 0;
    }
    frame[FRAME_PC] += 4;
    if (frame[FRAME_A7] == 0) {
        frame[FRAME_PC] = (uintptr_t)back_in_machine_mode;
        frame[FRAME_STATUS] |= MPP_MACHINE;
    } else {
        note("call");
        clear_csr(mip, 1 << 5);
        MTIMECMP_HIGH = 0xffffffff;
        MTIMECMP_LOW = MTIME_LOW + (uint32_t)frame[FRAME_A0];
        MTIMECMP_HIGH = 0;
        frame[FRAME_A0] = 0;
    }
    return frame;
}

static uintptr_t call(uintptr_t number, uintptr_t a)
{
    register uintptr_t a0 __asm("a0") = a, a7 __asm("a7") = number;
    __asm volatile("ecall" : "+r"(a0) : "r"(a7) : "memory");
    return a0;
}

__attribute__((interrupt("supervisor"), aligned(4))) static void supervisor_trap(void)
{
    const uintptr_t cause = read_csr(scause), status = read_csr(sstatus);
    const int from_user = (status & (1 << 8)) == 0;
    if (cause == (INTERRUPT | 5)) {
        note("timer");
        timers++;
        clear_csr(sie, 1 << 5);
        return;
    }
    if (cause == (INTERRUPT | 1)) {
        note("software");
        clear_csr(sip, 2);
        return;
    }
    note(from_user ? "user" : "own");
    note(cause == 8 ? "ecall" : cause == 2 ? "illegal" : cause == 3 ? "breakpoint" : "?");
    if (cause == 8) {
        /* Back to supervisor mode, behind its entry into user mode. */
        extern void after_user(void);
        write_csr(sepc, (uintptr_t)after_user);
        write_csr(sstatus, status | (1 << 8));
        return;
    }
    write_csr(sepc, read_csr(sepc) + ((*(volatile uint16_t *)read_csr(sepc) & 3) == 3 ? 4 : 2));
}

__attribute__((used)) static void user(void)
{
    note("in user mode");
    __asm volatile(".4byte 0xffffffff");
    (void)read_csr(sstatus);
    __asm volatile("li a7, 0\n ecall" ::: "a7", "memory");
}

__attribute__((naked, noinline)) static void run_user(void)
{
    __asm volatile(
        "addi sp, sp, -16\n" STORE "ra, 0(sp)\n" STORE "s0, 8(sp)\n"
        "csrw sscratch, sp\n"
        "li t0, 0x100\n csrc sstatus, t0\n"
        "la t0, user\n csrw sepc, t0\n"
        "la sp, user_stack_top\n" LOAD "sp, 0(sp)\n"
        "sret\n"
        ".global after_user\n after_user:\n"
        "csrr sp, sscratch\n" LOAD "ra, 0(sp)\n" LOAD "s0, 8(sp)\n"
        "addi sp, sp, 16\n ret\n");
}
__attribute__((used)) uintptr_t *user_stack_top = user_stack + 256;

__attribute__((noinline)) static void supervisor(void)
{
    write_csr(stvec, (uintptr_t)supervisor_trap);
    note("in supervisor mode");
    __asm volatile("ebreak");
    __asm volatile("csrr t0, mstatus" ::: "t0");
    set_csr(sie, 2);
    set_csr(sip, 2);
    note("masked");
    set_csr(sstatus, 2);
    note("unmasked");
    run_user();
    note("back");
    set_csr(sstatus, 2);
    for (int round = 0; round < 2; round++) {
        const unsigned before = timers;
        call(1, 500);
        clear_csr(sstatus, 2);
        set_csr(sie, 1 << 5);
        while (timers == before) {
            __asm volatile("wfi");
            set_csr(sstatus, 2);
            clear_csr(sstatus, 2);
        }
    }
    /* What of machine mode it sees: only what is delegated. */
    write_csr(sie, -1);
    done = read_csr(sie) & 0xfff;
    call(0, 0);
}

static void finish(void)
{
    show("log");
    printf("delegated: %lx %lx, seen %x, in mode %lu\n", (unsigned long)(read_csr(medeleg) & 0x10c), (unsigned long)(read_csr(mideleg) & 0x222), done, (unsigned long)(read_csr(mstatus) >> 11 & 3));
    extern void _exit(int);
    fflush(stdout);
    _exit(0);
}
static void back_in_machine_mode(void) { finish(); }

int main(void)
{
    static uintptr_t machine_stack[512] __attribute__((aligned(16)));
    /* All of memory for everybody. */
    write_csr(pmpaddr0, -1);
    write_csr(pmpcfg0, 0x1f);
    write_csr(mtvec, (uintptr_t)trap_entry);
    write_csr(medeleg, 0x10c);
    write_csr(mideleg, 0x222);
    write_csr(mie, MIE_TIMER);
    write_csr(mscratch, (uintptr_t)(machine_stack + 512));
    write_csr(mstatus, (read_csr(mstatus) & ~(uintptr_t)MPP_MACHINE) | MPP_SUPERVISOR);
    write_csr(mepc, (uintptr_t)supervisor);
    __asm volatile("mv sp, %0\n mret" ::"r"(supervisor_stack + 512) : "memory");
    __builtin_unreachable();
}
