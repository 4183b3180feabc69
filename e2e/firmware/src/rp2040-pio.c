/*
 * PIO of RP2040 with programs as the examples of its makers have them (RP2040 data sheet, chapter 3). On the board GPIO2 leads to GPIO5.
 */
#include "arm.h"
#include "check.h"

#define PIO0 0x50200000
#define PIO1 0x50300000
#define SET_BITS(address) REG((address) + 0x2000)
#define CLEAR_BITS(address) REG((address) + 0x3000)
#define RESETS 0x4000c000
#define DMA 0x50000000
#define GPIO_CTRL(pin) REG(0x40014000 + 8 * (pin) + 4)
/* Instructions (3.4), and what stands in their delay and side-set field. */
#define JMP(condition, to) ((condition) << 5 | (to))
#define WAIT(polarity, source, index) (0x2000 | (polarity) << 7 | (source) << 5 | (index))
#define IN(source, bits) (0x4000 | (source) << 5 | ((bits)&31))
#define OUT(to, bits) (0x6000 | (to) << 5 | ((bits)&31))
#define PUSH 0x8020
#define PULL 0x80a0
#define MOV(to, operation, from) (0xa000 | (to) << 5 | (operation) << 3 | (from))
#define IRQ(clear, wait, index) (0xc000 | (clear) << 6 | (wait) << 5 | (index))
#define SET(to, data) (0xe000 | (to) << 5 | (data))
#define FIELD(value) ((value) << 8)
#define COUNT(array) (sizeof(array) / sizeof *(array))
enum { ALWAYS, X_ZERO, X_DOWN, Y_ZERO, Y_DOWN, X_NOT_Y, PIN_HIGH, OSR_LEFT };
enum { PINS, X, Y, NOTHING, DIRECTIONS, PC, ISR, OSR };
enum { CTRL = 0, FSTAT = 4, FDEBUG = 8, FLEVEL = 12, TXF = 0x10, RXF = 0x20, FLAGS = 0x30, FORCE = 0x34, MEMORY = 0x48, INTE0 = 0x12c, INTS0 = 0x134 };
#define SM(pio, sm, register) REG((pio) + 0xc8 + 0x18 * (sm) + (register))
enum { CLKDIV = 0, EXECCTRL = 4, SHIFTCTRL = 8, ADDR = 12, INSTR = 16, PINCTRL = 20 };

static volatile int interrupts;
static void unexpected(void)
{
    printf("unexpected exception\n");
    for (;;) { }
}
static void pio_interrupt(void)
{
    interrupts++;
    check("flag 1 asks", REG(PIO0 + INTS0) & 0xf00, 0x200);
    REG(PIO0 + FLAGS) = 2;
}
__attribute__((section(".data.init.enter"), used, aligned(256))) const void *const __interrupt_vector[48] = {
    __stack, (void *)_start, unexpected, unexpected, 0, 0, 0, 0, 0, 0, 0, unexpected, 0, 0, unexpected, unexpected, [23] = pio_interrupt,
};

/* pio_sm_init: the program at an address, one state machine at its beginning. */
static void start(uint32_t pio, unsigned sm, unsigned at, const uint16_t *program, unsigned length, uint32_t shift, uint32_t pins, uint32_t side)
{
    CLEAR_BITS(pio + CTRL) = 1u << sm;
    for (unsigned index = 0; index < length; index++)
        REG(pio + MEMORY + 4 * (at + index)) = program[index] + (program[index] >> 13 == 0 ? at : 0);
    SM(pio, sm, CLKDIV) = 1 << 16;
    SM(pio, sm, EXECCTRL) = (at + length - 1) << 12 | at << 7 | 5 << 24 | side;
    SM(pio, sm, SHIFTCTRL) = shift ^ 0x40000000;
    SM(pio, sm, SHIFTCTRL) = shift;
    SM(pio, sm, PINCTRL) = pins;
    REG(pio + FDEBUG) = 0x01010101u << sm;
    SET_BITS(pio + CTRL) = 0x110u << sm;
    SM(pio, sm, INSTR) = JMP(ALWAYS, at);
    SET_BITS(pio + CTRL) = 1u << sm;
}
static void put(uint32_t pio, unsigned sm, uint32_t value)
{
    while (REG(pio + FSTAT) >> (16 + sm) & 1) { }
    REG(pio + TXF + 4 * sm) = value;
}
static uint32_t get(uint32_t pio, unsigned sm)
{
    while (REG(pio + FSTAT) >> (8 + sm) & 1) { }
    return REG(pio + RXF + 4 * sm);
}

static void fifos(void)
{
    check("four machines, 32 instructions", REG(PIO0 + 0x44), 0x200404);
    check("empty", REG(PIO0 + FSTAT), 0x0f000f00);
    for (unsigned word = 0; word < 5; word++)
        REG(PIO0 + TXF + 4) = word;
    check("one too many", REG(PIO0 + FDEBUG), 1 << 17);
    check("full", REG(PIO0 + FSTAT), 0x0d020f00);
    check("levels", REG(PIO0 + FLEVEL), 0x400);
    (void)REG(PIO0 + RXF + 8);
    check("nothing there", REG(PIO0 + FDEBUG), 1 << 17 | 1 << 10);
    REG(PIO0 + FDEBUG) = 0xffffffff;
    SM(PIO0, 1, SHIFTCTRL) = 0x400c0000;
    for (unsigned word = 0; word < 8; word++)
        REG(PIO0 + TXF + 4) = word;
    check("joined", REG(PIO0 + FLEVEL), 0x800);
    check("none for the other direction", REG(PIO0 + FSTAT) & 0x02020202, 0x00020202);
    SM(PIO0, 1, SHIFTCTRL) = 0x000c0000;
    check("emptied", REG(PIO0 + FLEVEL) | REG(PIO0 + FDEBUG), 0);
    section("FIFOs");
}

static void addition(void)
{
    static const uint16_t program[] = { PULL, MOV(X, 1, OSR), PULL, MOV(Y, 0, OSR), JMP(ALWAYS, 6), JMP(X_DOWN, 6), JMP(Y_DOWN, 5), MOV(ISR, 1, X), PUSH };
    start(PIO0, 0, 20, program, COUNT(program), 0x000c0000, 0, 0);
    static const uint32_t sums[][2] = { { 1, 2 }, { 0, 0 }, { 1000, 300 }, { 0xfffffff0, 32 } };
    for (unsigned index = 0; index < COUNT(sums); index++) {
        put(PIO0, 0, sums[index][0]);
        put(PIO0, 0, sums[index][1]);
        check("sum", get(PIO0, 0), sums[index][0] + sums[index][1]);
    }
    check("waits", REG(PIO0 + FDEBUG) & 0x01000000, 0x01000000);
    REG(PIO0 + FDEBUG) = 0x01000000;
    check("goes on waiting", REG(PIO0 + FDEBUG) & 0x01000000, 0x01000000);
    check("where", SM(PIO0, 0, ADDR), 20);
    REG(PIO0 + CTRL) = 0;
    section("a program that adds");
}

/* uart_tx on GPIO2, uart_rx on GPIO5: eight cycles a bit. */
static void uart(void)
{
    static const uint16_t send[] = { PULL | FIELD(0x1f), SET(X, 7) | FIELD(0x17), OUT(PINS, 1), JMP(X_DOWN, 2) | FIELD(6) };
    static const uint16_t receive[] = { WAIT(0, 1, 0), SET(X, 7) | FIELD(10), IN(PINS, 1), JMP(X_DOWN, 2) | FIELD(6), JMP(PIN_HIGH, 8), IRQ(0, 0, 0x14), WAIT(1, 1, 0), JMP(ALWAYS, 0), PUSH };
    SM(PIO0, 1, PINCTRL) = 1 << 26 | 2 << 5;
    SM(PIO0, 1, INSTR) = SET(PINS, 1);
    SM(PIO0, 1, INSTR) = SET(DIRECTIONS, 1);
    GPIO_CTRL(2) = 6;
    start(PIO1, 2, 0, receive, COUNT(receive), 0x800c0000, 5 << 15, 0);
    SM(PIO1, 2, CLKDIV) = 10 << 16 | 0x8000;
    start(PIO0, 1, 4, send, COUNT(send), 0x400c0000, 2u << 29 | 1 << 20 | 2 << 10 | 2, 1 << 30);
    SM(PIO0, 1, CLKDIV) = 10 << 16 | 0x8000;
    static const char text[] = "PIO \xff\x80";
    for (unsigned index = 0; text[index] != 0; index++)
        put(PIO0, 1, (uint8_t)text[index]);
    for (unsigned index = 0; text[index] != 0; index++)
        check("byte", get(PIO1, 2) >> 24, (uint8_t)text[index]);
    check("no framing error", REG(PIO1 + FLAGS), 0);
    /* A break: the line is low for longer than a byte. */
    while ((REG(PIO0 + FDEBUG) >> 25 & 1) == 0) { }
    GPIO_CTRL(2) = 6 | 2 << 8;
    for (unsigned waited = 0; waited < 5000 && REG(PIO1 + FLAGS) == 0; waited++) { }
    check("framing error, of machine 2", REG(PIO1 + FLAGS), 1 << 6);
    REG(PIO1 + FLAGS) = 0xff;
    check("cleared", REG(PIO1 + FLAGS), 0);
    GPIO_CTRL(2) = 6;
    REG(PIO0 + CTRL) = 0;
    REG(PIO1 + CTRL) = 0;
    section("uart_tx and uart_rx");
}

/* spi_cpha0 with 8 bits, fed and emptied by DMA: what goes out on GPIO2 comes in on GPIO5. */
static void spi(void)
{
    static const uint16_t program[] = { OUT(PINS, 1) | FIELD(1), IN(PINS, 1) | FIELD(0x11) };
    static uint8_t from[64], to[64];
    for (unsigned index = 0; index < sizeof from; index++)
        from[index] = (uint8_t)(index * 37 + 5);
    SM(PIO0, 0, PINCTRL) = 2 << 26 | 2 << 5;
    SM(PIO0, 0, INSTR) = SET(DIRECTIONS, 3);
    start(PIO0, 0, 8, program, COUNT(program), 8 << 25 | 8 << 20 | 3 << 16, 1 << 29 | 1 << 20 | 5 << 15 | 3 << 10 | 2, 0);
    SM(PIO0, 0, CLKDIV) = 3 << 16 | 0x4000;
    const uint32_t ends[2][2] = { { (uint32_t)from, PIO0 + TXF }, { PIO0 + RXF, (uint32_t)to } };
    for (unsigned channel = 0; channel < 2; channel++) {
        REG(DMA + 0x40 * channel) = ends[channel][0];
        REG(DMA + 0x40 * channel + 4) = ends[channel][1];
        REG(DMA + 0x40 * channel + 8) = sizeof from;
        REG(DMA + 0x40 * channel + 12) = 1 | (channel == 0 ? 1 << 4 : 1 << 5) | channel << 11 | (channel == 0 ? 0 : 4) << 15;
    }
    while (REG(DMA + 0x4c) >> 24 & 1) { }
    unsigned same = 0;
    for (unsigned index = 0; index < sizeof from; index++)
        same += from[index] == to[index];
    check("bytes", same, sizeof from);
    check("nothing is left", REG(PIO0 + FLEVEL), 0);
    REG(PIO0 + TXF) = 0x81818181;
    check("one by hand", get(PIO0, 0), 0x81);
    REG(PIO0 + CTRL) = 0;
    section("spi, by DMA");
}

static void flags(void)
{
    static const uint16_t program[] = { PULL, IRQ(0, 1, 0x10), MOV(ISR, 0, OSR), PUSH };
    REG(PIO0 + INTE0) = 0xf00;
    NVIC_ISER = 1 << 7;
    start(PIO0, 1, 12, program, COUNT(program), 0x000c0000, 0, 0);
    for (uint32_t word = 7; word < 10; word++) {
        put(PIO0, 1, word);
        check("behind the interrupt", get(PIO0, 1), word);
    }
    check("interrupts", (uint32_t)interrupts, 3);
    NVIC_ICER = 1 << 7;
    REG(PIO0 + INTE0) = 0;
    /* Two machines that hand a flag to each other. */
    static const uint16_t first[] = { PULL, IRQ(0, 0, 4), WAIT(1, 2, 5), SET(X, 9), MOV(ISR, 0, X), PUSH };
    static const uint16_t second[] = { WAIT(1, 2, 4), IRQ(0, 0, 5) };
    start(PIO0, 1, 0, first, COUNT(first), 0x000c0000, 0, 0);
    start(PIO0, 3, 16, second, COUNT(second), 0x000c0000, 0, 0);
    put(PIO0, 1, 0);
    check("there and back", get(PIO0, 1), 9);
    check("no flag is left", REG(PIO0 + FLAGS), 0);
    REG(PIO0 + FORCE) = 0x21;
    check("forced", REG(PIO0 + FLAGS), 0x21);
    REG(PIO0 + FLAGS) = 0x21;
    REG(PIO0 + CTRL) = 0;
    section("interrupt flags");
}

static void instructions(void)
{
    /* OUT EXEC, MOV EXEC and instructions of the CPU. */
    static const uint16_t program[] = { OUT(7, 16), MOV(4, 0, Y), IN(X, 32) };
    start(PIO0, 2, 0, program, COUNT(program), 1 << 25 | 3 << 16 | 3 << 18, 0, 0);
    SM(PIO0, 2, SHIFTCTRL) = 16 << 25 | 3 << 16 | 3 << 18;
    SM(PIO0, 2, INSTR) = SET(Y, 0);
    REG(PIO0 + TXF + 8) = SET(X, 21);
    for (unsigned waited = 0; waited < 10; waited++)
        (void)REG(PIO0 + FSTAT);
    check("OUT EXEC, and a jump to 0 by MOV EXEC", SM(PIO0, 2, ADDR), 0);
    REG(PIO0 + CTRL) = 0;
    SM(PIO0, 2, INSTR) = SET(Y, 5);
    SM(PIO0, 2, INSTR) = MOV(ISR, 2, Y);
    SM(PIO0, 2, INSTR) = PUSH;
    check("reversed", REG(PIO0 + RXF + 8), 0xa0000000);
    SM(PIO0, 2, INSTR) = MOV(ISR, 0, X);
    SM(PIO0, 2, INSTR) = PUSH;
    check("executed", REG(PIO0 + RXF + 8), 21);
    SM(PIO0, 2, EXECCTRL) = 1;
    SM(PIO0, 2, INSTR) = MOV(ISR, 0, 5);
    SM(PIO0, 2, INSTR) = PUSH;
    check("status: fewer than one", REG(PIO0 + RXF + 8), 0xffffffff);
    /* An instruction that waits, though the machine is off. */
    SM(PIO0, 2, SHIFTCTRL) = 0x000c0000;
    SM(PIO0, 2, INSTR) = PULL;
    check("waits", SM(PIO0, 2, EXECCTRL) >> 31, 1);
    check("it", SM(PIO0, 2, INSTR), PULL);
    REG(PIO0 + TXF + 8) = 0x1234;
    check("has it", SM(PIO0, 2, EXECCTRL) >> 31, 0);
    SM(PIO0, 2, INSTR) = OUT(ISR, 8);
    SM(PIO0, 2, INSTR) = PUSH;
    check("to the right", REG(PIO0 + RXF + 8), 0x34);
    SM(PIO0, 2, SHIFTCTRL) = 0;
    SM(PIO0, 2, INSTR) = IN(NOTHING, 4);
    SM(PIO0, 2, INSTR) = OUT(X, 8);
    SM(PIO0, 2, INSTR) = SET(X, 3);
    SM(PIO0, 2, INSTR) = IN(X, 4);
    SM(PIO0, 2, INSTR) = IN(X, 2);
    SM(PIO0, 2, INSTR) = PUSH;
    check("to the left", REG(PIO0 + RXF + 8), 0xf);
    section("instructions");
}

int main(void)
{
    CLEAR_BITS(RESETS) = 1 << 10 | 1 << 11 | 1 << 5 | 1 << 2;
    while ((REG(RESETS + 8) & 0xc24) != 0xc24) { }
    fifos();
    addition();
    uart();
    spi();
    flags();
    instructions();
    return failures;
}
