/* Tasks with stacks of their own, switched by the machine timer whatever they do, and by software interrupts where they yield. */
#include <stdio.h>
#include "riscv-trap.h"

#define TASKS 3
#define STACK_WORDS 256
#define ROUNDS 20

static uintptr_t stacks[TASKS][STACK_WORDS] __attribute__((aligned(16)));
static uintptr_t *frames[TASKS + 1];
static volatile unsigned current = TASKS, finished, by_timer, yields;
static volatile uint32_t results[TASKS];

static void timer_in(uint32_t ticks)
{
    MTIMECMP_HIGH = 0xffffffff;
    MTIMECMP_LOW = MTIME_LOW + ticks;
    MTIMECMP_HIGH = 0;
}

uintptr_t *trap(uintptr_t *frame)
{
    const uintptr_t cause = read_csr(mcause);
    if (cause == (INTERRUPT | 7)) {
        by_timer++;
        timer_in(100);
    } else if (cause == (INTERRUPT | 3)) {
        MSIP = 0;
        yields++;
    } else {
        printf("unexpected cause %lx\n", (unsigned long)cause);
        for (;;) { }
    }
    frames[current] = frame;
    /* main goes on when all are done. */
    current = finished == TASKS ? TASKS : (current + 1) % TASKS;
    if (current == TASKS)
        MTIMECMP_HIGH = 0xffffffff;
    return frames[current];
}

static void task(uint32_t number)
{
    uint32_t value = number + 1;
    for (int round = 0; round < ROUNDS; round++) {
        const unsigned before = by_timer;
        /* Until it has lost the CPU at a place that nobody chose; what it computes must not see that. */
        uint32_t spin = value;
        for (int step = 0; step < 300 || by_timer == before; step++) {
            spin = spin * 1664525u + 1013904223u;
            if (step == 299)
                value = spin;
        }
        if (round % 5 == 4)
            MSIP = 1;
    }
    results[number] = value;
    __asm volatile("csrci mstatus, 8");
    finished++;
    __asm volatile("csrsi mstatus, 8");
    for (;;) { }
}

int main(void)
{
    uintptr_t gp_status = read_csr(mstatus) | MPP_MACHINE | STATUS_MPIE;
    for (unsigned number = 0; number < TASKS; number++) {
        uintptr_t *frame = &stacks[number][STACK_WORDS - FRAME_WORDS];
        frame[FRAME_PC] = (uintptr_t)task;
        frame[FRAME_SP] = (uintptr_t)&stacks[number][STACK_WORDS];
        frame[FRAME_STATUS] = gp_status;
        frame[FRAME_A0] = number;
        frames[number] = frame;
    }
    write_csr(mscratch, 0);
    write_csr(mtvec, (uintptr_t)trap_entry);
    write_csr(mie, MIE_SOFTWARE | MIE_TIMER);
    timer_in(100);
    set_csr(mstatus, STATUS_MIE);
    while (finished < TASKS) { }
    clear_csr(mstatus, STATUS_MIE);
    for (unsigned number = 0; number < TASKS; number++)
        printf("task %u: %08lx\n", number, (unsigned long)results[number]);
    printf("switched by the timer: %s, by themselves: %s\n", by_timer >= ROUNDS ? "yes" : "no", yields >= TASKS ? "yes" : "no");
    return 0;
}
