/* Tasks with stacks of their own (PSP), switched by PendSV as an RTOS does it; floating-point registers are theirs too. */
#include <stdio.h>
#include "arm.h"

#define TASKS 3
#define STACK_WORDS 160

static uint32_t stacks[TASKS][STACK_WORDS] __attribute__((aligned(8)));
uint32_t *saved_sp[TASKS];
volatile uint32_t current;
static volatile uint32_t finished, switches;
static volatile uint32_t results[TASKS];

static void yield(void)
{
    SCB_ICSR = ICSR_PENDSVSET;
    barrier();
}

/* Registers that a switch must keep: callee-saved ones, and all of the FPU. */
static uint32_t work(uint32_t seed)
{
    uint32_t value = seed;
#ifdef __ARM_FP
    float part = (float)seed;
#endif
    for (int round = 0; round < 50; round++) {
        value = value * 1664525u + 1013904223u;
#ifdef __ARM_FP
        part = part * 1.5f + 0.25f;
        if (part > 1000.0f)
            part -= 990.0f;
#endif
        yield();
    }
#ifdef __ARM_FP
    value ^= (uint32_t)(part * 1024.0f);
#endif
    return value;
}

static void task(uint32_t number)
{
    results[number] = work(number + 1);
    finished++;
    for (;;)
        yield();
}

__attribute__((used)) static void next_task(void)
{
    current = (current + 1) % TASKS;
    switches++;
}

__attribute__((naked)) static void pendsv(void)
{
    __asm(
        ".syntax unified\n"
        "mrs r0, psp\n"
#ifdef __ARM_FP
        "tst lr, #0x10\n"
        "it eq\n"
        "vstmdbeq r0!, {s16-s31}\n"
#endif
#if __ARM_ARCH >= 7
        "stmdb r0!, {r4-r11, lr}\n"
#else
        "subs r0, #36\n"
        "mov r3, r0\n"
        "stmia r3!, {r4-r7}\n"
        "mov r4, r8\n mov r5, r9\n mov r6, r10\n mov r7, r11\n"
        "stmia r3!, {r4-r7}\n"
        "mov r4, lr\n"
        "stmia r3!, {r4}\n"
#endif
        "ldr r1, =current\n ldr r2, =saved_sp\n"
        "ldr r3, [r1]\n lsls r3, #2\n"
        "str r0, [r2, r3]\n"
        "push {r1, r2}\n"
        "bl next_task\n"
        "pop {r1, r2}\n"
        "ldr r3, [r1]\n lsls r3, #2\n"
        "ldr r0, [r2, r3]\n"
#if __ARM_ARCH >= 7
        "ldmia r0!, {r4-r11, lr}\n"
#else
        "mov r3, r0\n"
        "adds r3, #16\n"
        "ldmia r3!, {r4-r7}\n"
        "mov r8, r4\n mov r9, r5\n mov r10, r6\n mov r11, r7\n"
        "ldmia r3!, {r4}\n"
        "mov lr, r4\n"
        "mov r1, r3\n"
        "ldmia r0!, {r4-r7}\n"
        "mov r0, r1\n"
#endif
#ifdef __ARM_FP
        "tst lr, #0x10\n"
        "it eq\n"
        "vldmiaeq r0!, {s16-s31}\n"
#endif
        "msr psp, r0\n"
        "bx lr\n"
        ".ltorg");
}

static volatile uint32_t tick_count;
static void systick(void)
{
    tick_count++;
    SCB_ICSR = ICSR_PENDSVSET;
}

static void unexpected(void)
{
    printf("unexpected exception %lu\n", (unsigned long)ipsr());
    for (;;) { }
}

__attribute__((section(".data.init.enter"), used, aligned(256))) const void *const __interrupt_vector[48] = {
    __stack, (void *)_start, unexpected, unexpected, unexpected, unexpected, unexpected, 0, 0, 0, 0, unexpected, unexpected, 0, pendsv, systick,
    [16 ... 47] = unexpected,
};

static uint32_t voluntary, again;

__attribute__((noinline)) static void task0(void)
{
    results[0] = work(1);
    while (finished < TASKS - 1)
        yield();
    voluntary = switches;
    /* The same with a timer that takes the CPU away: the result may not change. */
    SYST_RVR = 499;
    SYST_CVR = 0;
    SYST_CSR = 7;
    again = work(1);
    while (tick_count == 0) { }
    SYST_CSR = 0;
    while (current != 0)
        yield();
}

int main(void)
{
    for (uint32_t number = 1; number < TASKS; number++) {
        uint32_t *sp = stacks[number] + STACK_WORDS;
        *--sp = 0x01000000; /* xPSR */
        *--sp = (uint32_t)task;
        *--sp = 0; /* LR */
        sp -= 4;
        *--sp = number; /* r0 */
        *--sp = 0xfffffffd; /* EXC_RETURN: Thread mode, PSP, no FP frame */
        sp -= 8;
        saved_sp[number] = sp;
    }
    SCB_SHPR3 = 0xc0c00000u;
    /* This thread goes on as task 0, on a stack of its own. */
    __asm volatile("msr psp, %0\n\tmsr control, %1\n\tisb" ::"r"(stacks[0] + STACK_WORDS), "r"(2) : "memory");
    task0();
    __asm volatile("msr control, %0\n\tisb" ::"r"(0) : "memory");
    for (int number = 0; number < TASKS; number++)
        printf("task %d: %08lx\n", number, (unsigned long)results[number]);
    printf("%lu switches, again %08lx, ticks %s\n", (unsigned long)voluntary, (unsigned long)again, tick_count > 0 ? "came" : "did not come");
    return results[0] == again ? 0 : 1;
}
