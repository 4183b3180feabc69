/* Interrupts in order: software and timer, masked and nested, direct and vectored. */
#include <stdio.h>
#include <string.h>
#include "riscv.h"

static char log_text[200];
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

static volatile unsigned ticks;
static int nest;

static void timer_at(uint32_t ticks_from_now)
{
    MTIMECMP_HIGH = 0xffffffff;
    MTIMECMP_LOW = MTIME_LOW + ticks_from_now;
    MTIMECMP_HIGH = 0;
}

static void on_timer(void)
{
    note("timer()");
    ticks++;
    MTIMECMP_HIGH = 0xffffffff;
}
static void on_software(void)
{
    note("software(");
    MSIP = 0;
    if (nest) {
        /* The timer may interrupt this handler. */
        uintptr_t epc = read_csr(mepc), status = read_csr(mstatus);
        timer_at(0);
        set_csr(mstatus, STATUS_MIE);
        while (ticks == 0) { }
        clear_csr(mstatus, STATUS_MIE);
        write_csr(mepc, epc);
        write_csr(mstatus, status);
    }
    note(")software");
}

__attribute__((interrupt("machine"), aligned(4))) static void direct(void)
{
    uintptr_t cause = read_csr(mcause) & 0xff;
    if (cause == 3)
        on_software();
    else if (cause == 7)
        on_timer();
}
__attribute__((interrupt("machine"))) static void vector_software(void) { note("by vector"); on_software(); }
__attribute__((interrupt("machine"))) static void vector_timer(void) { note("by vector"); on_timer(); }
__attribute__((naked, aligned(256))) static void vectors(void)
{
    __asm(".option norvc\n j .\n j .\n j .\n j %0\n j .\n j .\n j .\n j %1\n" ::"i"(vector_software), "i"(vector_timer));
}

int main(void)
{
    MTIMECMP_HIGH = 0xffffffff;
    write_csr(mtvec, (uintptr_t)direct);
    write_csr(mie, MIE_SOFTWARE | MIE_TIMER);

    MSIP = 1;
    note("masked");
    printf("pending %lx\n", (unsigned long)(read_csr(mip) & 0x88));
    set_csr(mstatus, STATUS_MIE);
    note("unmasked");
    show("software");

    clear_csr(mie, MIE_SOFTWARE);
    MSIP = 1;
    note("disabled");
    set_csr(mie, MIE_SOFTWARE);
    note("enabled");
    show("mie");

    nest = 1;
    MSIP = 1;
    while (ticks == 0) { }
    show("nested");
    nest = 0;

    clear_csr(mstatus, STATUS_MIE);
    timer_at(0);
    MSIP = 1;
    while (!(read_csr(mip) & MIE_TIMER)) { }
    set_csr(mstatus, STATUS_MIE);
    show("both at once");

    write_csr(mtvec, (uintptr_t)vectors | 1);
    MSIP = 1;
    show("vectored software");
    ticks = 0;
    timer_at(1000);
    while (ticks == 0)
        __asm volatile("wfi");
    show("vectored timer");
    return 0;
}
