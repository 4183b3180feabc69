/* A polling driver: a byte is sent when the UART has room, a pin or scratch register changes with each, and a timer is looked at. */
#include "machine.h"

#ifdef __riscv /* NS16550 and CLINT of QEMU's virt board */
#define UART 0x10000000
static void begin(void) { REG8(UART + 3) = 0x83; REG8(UART) = 1; REG8(UART + 1) = 0; REG8(UART + 3) = 3; }
static int is_full(void) { return !(REG8(UART + 5) & 0x20); }
static void send(uint8_t byte) { REG8(UART) = byte; REG8(UART + 7) = byte; }
static uint32_t time(void) { return REG(0x0200bff8); }
static int moves(uint32_t before, uint32_t after) { return after - before < 0x10000000; }
enum { bytes = 4000 };
#else /* CMSDK UART, GPIO and timer of the MPS2 board (Arm DDI 0479, 3 and 4) */
#define UART 0x40004000
#define GPIO 0x40010000
#define TIMER 0x40000000
static void begin(void)
{
    REG(UART + 0x10) = 16;
    REG(UART + 0x08) = 1;
    REG(GPIO + 0x10) = 0xff;
    REG(TIMER + 0x0c) = 0xffffffff;
    REG(TIMER + 0x08) = 0xffffffff;
    REG(TIMER) = 1;
}
static int is_full(void) { return REG(UART + 0x04) & 1; }
static void send(uint8_t byte) { REG(UART) = byte; REG(GPIO + 4) = byte; }
static uint32_t time(void) { return REG(TIMER + 4); }
static int moves(uint32_t before, uint32_t after) { return before - after < 0x10000000; }
enum { bytes = 30000 };
#endif

int main(void)
{
    begin();
    uint32_t before = time();
    for (uint32_t n = 0; n < bytes; n++) {
        while (is_full()) { }
        send((uint8_t)('a' + n % 16));
        const uint32_t after = time();
        if (!moves(before, after))
            return 1;
        before = after;
    }
    return 0;
}
