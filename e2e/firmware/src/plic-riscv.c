/* External interrupts by the PLIC: claims and completions, thresholds, priorities, nesting, a vectored handler. Sources: UART and real-time clock. */
#include <stdio.h>
#include <string.h>
#include "riscv.h"

/* RISC-V PLIC specification 1.0; QEMU's virt: context 0 is machine mode of hart 0. */
#define PLIC 0x0c000000
#define PRIORITY(source) REG(PLIC + 4 * (source))
#define PENDING REG(PLIC + 0x1000)
#define ENABLE REG(PLIC + 0x2000)
#define THRESHOLD REG(PLIC + 0x200000)
#define CLAIM REG(PLIC + 0x200004)
#define MIE_EXTERNAL (1u << 11)
/* NS16550: transmitter empty; Goldfish RTC: an alarm in nanoseconds. */
#define UART 10
#define UART_IER REG8(0x10000001)
#define UART_IIR REG8(0x10000002)
#define REG8(address) (*(volatile uint8_t *)(uintptr_t)(address))
#define RTC 11
#define RTC_LOW REG(0x00101000)
#define RTC_HIGH REG(0x00101004)
#define RTC_ALARM_LOW REG(0x00101008)
#define RTC_ALARM_HIGH REG(0x0010100c)
#define RTC_ENABLE REG(0x00101010)
#define RTC_CLEAR REG(0x0010101c)

static char log_text[300];
static void note(const char *text) { strcat(log_text, text); strcat(log_text, " "); }
static void show(const char *what) { printf("%s: %s\n", what, log_text); log_text[0] = 0; }

static volatile unsigned uarts, alarms;
static int nest;

static void alarm_now(void)
{
    const uint32_t low = RTC_LOW, high = RTC_HIGH;
    RTC_ENABLE = 1;
    RTC_ALARM_HIGH = high;
    RTC_ALARM_LOW = low;
}
static void uart_empty(void) { UART_IER = 2; }

static void serve(void)
{
    const uint32_t source = CLAIM;
    if (source == UART) {
        note("uart(");
        UART_IER = 0;
        uarts++;
        if (nest) {
            /* Only what is more urgent may come now. */
            const uintptr_t epc = read_csr(mepc), status = read_csr(mstatus);
            THRESHOLD = PRIORITY(UART);
            alarm_now();
            set_csr(mstatus, STATUS_MIE);
            while (alarms == 0) { }
            clear_csr(mstatus, STATUS_MIE);
            THRESHOLD = 0;
            write_csr(mepc, epc);
            write_csr(mstatus, status);
        }
        note(")uart");
    } else if (source == RTC) {
        note("alarm()");
        RTC_CLEAR = 1;
        alarms++;
    } else {
        note(source == 0 ? "none" : "other");
    }
    CLAIM = source;
}

__attribute__((interrupt("machine"), aligned(4))) static void direct(void) { serve(); }
__attribute__((interrupt("machine"))) static void vector_external(void) { note("by vector"); serve(); }
__attribute__((naked, aligned(256))) static void vectors(void)
{
    __asm(".option norvc\n j .\n j .\n j .\n j .\n j .\n j .\n j .\n j .\n j .\n j .\n j .\n j %0\n" ::"i"(vector_external));
}

int main(void)
{
    write_csr(mtvec, (uintptr_t)direct);
    write_csr(mie, MIE_EXTERNAL);
    PRIORITY(UART) = 3;
    PRIORITY(RTC) = 5;
    ENABLE = 1 << UART | 1 << RTC;
    THRESHOLD = 3;

    uart_empty();
    printf("pending %lx, mip %lx\n", (unsigned long)(PENDING & 0xc00), (unsigned long)(read_csr(mip) & MIE_EXTERNAL));
    THRESHOLD = 2;
    printf("threshold 2: mip %lx\n", (unsigned long)(read_csr(mip) & MIE_EXTERNAL));
    set_csr(mstatus, STATUS_MIE);
    while (uarts == 0) { }
    show("unmasked");
    THRESHOLD = 0;

    nest = 1;
    uart_empty();
    while (alarms == 0) { }
    while (read_csr(mip) & MIE_EXTERNAL) { }
    show("nested");
    nest = 0;

    clear_csr(mstatus, STATUS_MIE);
    alarms = uarts = 0;
    uart_empty();
    alarm_now();
    while ((PENDING & 0xc00) != 0xc00) { }
    set_csr(mstatus, STATUS_MIE);
    while (alarms == 0 || uarts == 0) { }
    show("the higher priority first");

    clear_csr(mstatus, STATUS_MIE);
    PRIORITY(RTC) = PRIORITY(UART) = 1;
    uart_empty();
    alarm_now();
    while ((PENDING & 0xc00) != 0xc00) { }
    printf("claims %lu and", (unsigned long)CLAIM);
    printf(" %lu and", (unsigned long)CLAIM);
    printf(" %lu, pending %lx\n", (unsigned long)CLAIM, (unsigned long)(PENDING & 0xc00));
    UART_IER = 0;
    RTC_CLEAR = 1;
    CLAIM = UART;
    CLAIM = RTC;

    write_csr(mtvec, (uintptr_t)vectors | 1);
    uarts = 0;
    uart_empty();
    /* Asleep with interrupts masked: one that comes before the WFI wakes it up too. */
    while (uarts == 0) {
        __asm volatile("wfi");
        set_csr(mstatus, STATUS_MIE);
        clear_csr(mstatus, STATUS_MIE);
    }
    show("vectored");
    return 0;
}
