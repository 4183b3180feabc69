/* Echoes what comes in on two UARTs, each byte in hexadecimal, and sleeps in between. x: ends with status 7; f: a fault; w: runs on without sleep. */
#include "arm.h"

#define UART0 0x40004000
#define UART1 0x40005000

static volatile uint8_t ended, busy;

static void put(uint32_t uart, char c)
{
    while (REG(uart + 4) & 1) { } /* STATE: the transmitter is full */
    REG(uart) = (uint8_t)c;
}

static void text(uint32_t uart, const char *what)
{
    for (; *what; what++)
        put(uart, *what);
}

static void receive(uint32_t uart)
{
    REG(uart + 0xc) = 2; /* INTCLEAR */
    while (REG(uart + 4) & 2) {
        uint8_t byte = (uint8_t)REG(uart);
        put(uart, '[');
        put(uart, "0123456789abcdef"[byte >> 4]);
        put(uart, "0123456789abcdef"[byte & 15]);
        put(uart, ']');
        if (byte == 'x')
            ended = 1;
        if (byte == 'w')
            busy = 1;
        if (byte == 'f')
            (void)REG(NOTHING_AT);
    }
}

static void receive0(void) { receive(UART0); }
static void receive1(void) { receive(UART1); }
static void unexpected(void) { for (;;) { } }

__attribute__((section(".data.init.enter"), used, aligned(256))) const void *const __interrupt_vector[48] = {
    __stack, (void *)_start, unexpected, unexpected, unexpected, unexpected, unexpected, 0, 0, 0, 0, unexpected, unexpected, 0, unexpected, unexpected,
    receive0, unexpected, receive1, [19 ... 47] = unexpected,
};

static void begin(uint32_t uart)
{
    REG(uart + 0x10) = 16; /* BAUDDIV */
    REG(uart + 0x08) = 0xb; /* transmitter, receiver, its interrupt */
}

int main(void)
{
    begin(UART0);
    begin(UART1);
    text(UART0, "zero\n");
    text(UART1, "one\n");
    NVIC_ISER = 1 << 0 | 1 << 2;
    while (!ended) {
        if (!busy)
            __asm volatile("wfi");
    }
    return 7;
}
