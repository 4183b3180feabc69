/*
 * RP2040 as the SDK of its makers and its examples drive it (RP2040 data sheet; sections are named). On the board, GPIO2 leads to GPIO5, an EEPROM 24LC256 at
 * 0x50 and an LM75 at 0x48 hang on I2C0, a flash chip of 1 MiB on SPI0 with GPIO17 as its select, the ADC's input 1 reads 1000 and input 2 2000, and what UART1
 * sends comes back.
 */
#include <string.h>
#include "arm.h"
#include "check.h"

typedef volatile uint32_t reg;
/* 2.1.2: the same registers again, to set and to clear bits. */
#define SET(address) REG((address) + 0x2000)
#define CLEAR(address) REG((address) + 0x3000)
#define CLOCKS 0x40008000
#define RESETS 0x4000c000
#define IO_BANK0 0x40014000
#define XOSC 0x40024000
#define PLL_SYS 0x40028000
#define PLL_USB 0x4002c000
#define UART1 0x40038000
#define SPI0 0x4003c000
#define I2C0 0x40044000
#define ADC 0x4004c000
#define PWM 0x40050000
#define TIMER 0x40054000
#define WATCHDOG 0x40058000
#define RTC 0x4005c000
#define DMA 0x50000000
#define SIO 0xd0000000
#define GPIO_CTRL(pin) REG(IO_BANK0 + 8 * (pin) + 4)

static void (*handlers[32])(void);
static void unexpected(void)
{
    printf("unexpected exception %lu\n", (unsigned long)ipsr());
    for (;;) { }
}
static void dispatch(void)
{
    void (*handler)(void) = handlers[ipsr() - 16];
    if (handler)
        handler();
    else
        unexpected();
}
__attribute__((section(".data.init.enter"), used, aligned(256))) const void *const __interrupt_vector[48] = {
    __stack, (void *)_start, unexpected, unexpected, 0, 0, 0, 0, 0, 0, 0, unexpected, 0, 0, unexpected, unexpected, [16 ... 47] = dispatch,
};
static void on_irq(unsigned irq, void (*handler)(void))
{
    handlers[irq] = handler;
    NVIC_ICPR = 1u << irq;
    NVIC_ISER = 1u << irq;
}
static void irq_off(unsigned irq) { NVIC_ICER = 1u << irq; }

static uint32_t now(void) { return REG(TIMER + 0x28); }
#define WAIT(condition, microseconds)                                                                                                                          \
    ({                                                                                                                                                         \
        uint32_t wait_start = now();                                                                                                                           \
        while (!(condition) && now() - wait_start <= (microseconds)) { }                                                                                       \
        (condition) ? 1u : 0u;                                                                                                                                 \
    })

/* reset_block, unreset_block_wait (2.14) */
static void unreset(uint32_t blocks)
{
    SET(RESETS) = blocks;
    CLEAR(RESETS) = blocks;
    while ((REG(RESETS + 8) & blocks) != blocks) { }
}
/* pll_init (2.18) */
static void pll(uint32_t base, uint32_t feedback, uint32_t first, uint32_t second)
{
    REG(base) = 1;
    REG(base + 8) = feedback;
    CLEAR(base + 4) = 1 | 1 << 5;
    while (!(REG(base) >> 31)) { }
    REG(base + 12) = first << 16 | second << 12;
    CLEAR(base + 4) = 1 << 3;
}
/* clocks_init (2.15): crystal, PLLs, then each clock; without a glitch by way of the reference. */
static void clocks(void)
{
    REG(WATCHDOG + 0x2c) = 12 | 1 << 9;
    REG(CLOCKS + 0x78) = 0;
    REG(XOSC) = 0xaa0;
    REG(XOSC + 12) = 47;
    SET(XOSC) = 0xfab << 12;
    while (!(REG(XOSC + 4) >> 31)) { }
    CLEAR(CLOCKS + 0x3c) = 1;
    while (REG(CLOCKS + 0x44) != 1) { }
    CLEAR(CLOCKS + 0x30) = 3;
    while (REG(CLOCKS + 0x38) != 1) { }
    unreset(1 << 12 | 1 << 13);
    pll(PLL_SYS, 125, 6, 2);
    pll(PLL_USB, 100, 5, 5);
    SET(CLOCKS + 0x30) = 2;
    while (REG(CLOCKS + 0x38) != 4) { }
    REG(CLOCKS + 0x40) = 1 << 8;
    REG(CLOCKS + 0x3c) = 0;
    SET(CLOCKS + 0x3c) = 1;
    while (REG(CLOCKS + 0x44) != 2) { }
    REG(CLOCKS + 0x60) = 1 << 11; /* ADC and RTC from the USB PLL */
    REG(CLOCKS + 0x70) = 1024 << 8;
    REG(CLOCKS + 0x6c) = 1 << 11;
    REG(CLOCKS + 0x48) = 1 << 11;
    unreset(1 << 0 | 1 << 2 | 1 << 3 | 1 << 5 | 1 << 8 | 1 << 14 | 1 << 15 | 1 << 16 | 1 << 21 | 1 << 23);
    /* frequency_count_khz */
    static const struct { const char *name; uint32_t source, khz; } counted[] = {
        { "clk_sys", 9, 125000 }, { "clk_peri", 10, 125000 }, { "pll_usb", 2, 48000 }, { "clk_adc", 12, 48000 }, { "xosc", 5, 12000 },
    };
    for (unsigned index = 0; index < sizeof counted / sizeof *counted; index++) {
        while (REG(CLOCKS + 0x98) & 1 << 8) { }
        REG(CLOCKS + 0x80) = 12000;
        REG(CLOCKS + 0x90) = 10;
        REG(CLOCKS + 0x84) = 0;
        REG(CLOCKS + 0x88) = 0xffffffff;
        REG(CLOCKS + 0x94) = counted[index].source;
        while (!(REG(CLOCKS + 0x98) & 1 << 4)) { }
        check(counted[index].name, REG(CLOCKS + 0x9c) >> 5, counted[index].khz);
    }
    SYST_RVR = 0xffffff;
    SYST_CVR = 0;
    SYST_CSR = 5;
    uint32_t start = SYST_CVR, since = now();
    while (now() - since < 100) { }
    check_range("cycles of 100 us", (start - SYST_CVR) & 0xffffff, 12400, 12700);
    section("clocks");
}

/* add_alarm_in_us (4.6), and 64 bits of time */
static volatile uint32_t alarms;
static void alarm1(void)
{
    REG(TIMER + 0x34) = 2;
    alarms++;
    if (alarms < 3)
        REG(TIMER + 0x14) += 200;
}
static void timer(void)
{
    on_irq(1, alarm1);
    REG(TIMER + 0x38) = 2;
    uint32_t start = now();
    REG(TIMER + 0x14) = start + 200;
    check("armed", REG(TIMER + 0x20), 2);
    while (alarms < 3 && now() - start < 5000)
        __asm volatile("wfi");
    check_range("microseconds of three alarms", now() - start, 600, 605);
    check("armed no more", REG(TIMER + 0x20), 0);
    REG(TIMER + 0x18) = now() + 1000;
    REG(TIMER + 0x20) = 4;
    check("disarmed", REG(TIMER + 0x20), 0);
    irq_off(1);
    REG(TIMER + 0x3c) = 2; /* INTF */
    check("forced", REG(TIMER + 0x40), 2);
    REG(TIMER + 0x3c) = 0;
    uint32_t low = REG(TIMER + 0xc), high = REG(TIMER + 8);
    check("latched", high == 0 && now() - low < 10, 1);
    section("timer");
}

/* gpio_set_irq_enabled (2.19) and SIO (2.3.1) */
static volatile uint32_t edges;
static void gpio_irq(void)
{
    uint32_t events = REG(IO_BANK0 + 0x120) >> 20 & 15;
    REG(IO_BANK0 + 0xf0) = events << 20;
    edges += events == 4 ? 1 : events == 8 ? 0x100 : 0x10000;
}
static void gpio(void)
{
    GPIO_CTRL(2) = GPIO_CTRL(5) = 5;
    REG(SIO + 0x24) = 1 << 2;
    REG(SIO + 0x14) = 1 << 2;
    check("GPIO_IN", REG(SIO + 4) >> 5 & 1, 1);
    REG(SIO + 0x1c) = 1 << 2;
    check("after XOR", REG(SIO + 4) >> 5 & 1, 0);
    REG(IO_BANK0 + 0xf0) = 0xf << 20;
    SET(IO_BANK0 + 0x100) = 0xc << 20;
    on_irq(13, gpio_irq);
    for (unsigned turn = 0; turn < 6; turn++)
        REG(SIO + 0x1c) = 1 << 2;
    check("edges", edges, 0x303);
    CLEAR(IO_BANK0 + 0x100) = 0xc << 20;
    irq_off(13);
    /* Divider (2.3.1.5), spinlock (2.3.1.3), interpolator (2.3.1.6). */
    REG(SIO + 0x68) = (uint32_t)-1000;
    REG(SIO + 0x6c) = 7;
    check("divider ready", REG(SIO + 0x78) & 1, 1);
    check("remainder", REG(SIO + 0x74), (uint32_t)-6);
    check("quotient", REG(SIO + 0x70), (uint32_t)-142);
    check("lock", REG(SIO + 0x104) != 0, 1);
    check("locked", REG(SIO + 0x104), 0);
    REG(SIO + 0x104) = 1;
    check("free", REG(SIO + 0x104) != 0, 1);
    REG(SIO + 0x104) = 1;
    REG(SIO + 0xac) = 31 << 10; /* interp0, lane 0: all bits */
    REG(SIO + 0x80) = 100;
    REG(SIO + 0x88) = 7;
    check("interpolator", REG(SIO + 0x94) == 107 && REG(SIO + 0x94) == 114, 1);
    check("CPUID", REG(SIO), 0);
    section("GPIO and SIO");
}

/* pwm_set_wrap (4.5): an interrupt at each wrap, a duty cycle measured by another slice */
static volatile uint32_t wraps;
static void pwm_wrap(void)
{
    REG(PWM + 0xa4) = 2;
    REG(PWM + 0x20) = wraps++ * 100; /* CC of slice 1 */
}
static void pwm(void)
{
    REG(PWM + 0x24) = 999;
    REG(PWM + 0x18) = 1 << 4;
    REG(PWM + 0x20) = 0;
    REG(PWM + 0xac) = 0;
    REG(PWM + 0xa8) = 2;
    on_irq(4, pwm_wrap);
    REG(PWM + 0x14) = 1;
    check("wraps", WAIT(wraps >= 10, 1000), 1);
    irq_off(4);
    REG(PWM + 0x14) = 0;
    /* 30 % of 8 us on GPIO2, counted on GPIO5 while it is high. */
    GPIO_CTRL(2) = GPIO_CTRL(5) = 4;
    REG(PWM + 0x1c) = 0;
    REG(PWM + 0x20) = 300;
    REG(PWM + 0x28) = 1 << 4; /* slice 2: while B is high */
    REG(PWM + 0x2c) = 1 << 4;
    REG(PWM + 0x30) = 0;
    REG(PWM + 0x38) = 0xffff;
    REG(PWM + 0xa0) = 6;
    uint32_t start = now();
    while (now() - start < 80) { }
    REG(PWM + 0xa0) = 0;
    check_range("counts of 30 % of 80 us", REG(PWM + 0x30), 2900, 3150);
    REG(PWM + 0x28) = 0;
    section("PWM");
}

/* dma_channel_configure (2.5): interrupts, a chain of control blocks, the sniffer, a pacing timer */
static volatile uint32_t dma_done;
static void dma_irq(void)
{
    dma_done |= REG(DMA + 0x40c);
    REG(DMA + 0x40c) = REG(DMA + 0x40c);
}
static void dma(void)
{
    static const char text[] = "The quick brown fox jumps over the lazy dog";
    static char copy[64];
    REG(DMA + 0x404) = 1;
    on_irq(11, dma_irq);
    REG(DMA + 0) = (uint32_t)text;
    REG(DMA + 4) = (uint32_t)copy;
    REG(DMA + 8) = sizeof text;
    REG(DMA + 12) = 0x3f << 15 | 0 << 11 | 1 << 5 | 1 << 4 | 1;
    check("copied", WAIT(dma_done & 1, 100), 1);
    check("what is there", memcmp(copy, text, sizeof text), 0);
    check("BUSY", REG(DMA + 12) >> 24 & 1, 0);
    /* Channel 1 writes blocks into channel 2's alias 3, whose last word, a zero, ends it. */
    static const char *const parts[] = { "one ", "two ", "end" };
    static struct { uint32_t length; const char *from; } blocks[4];
    for (unsigned index = 0; index < 3; index++) {
        blocks[index].length = strlen(parts[index]);
        blocks[index].from = parts[index];
    }
    memset(copy, 0, sizeof copy);
    REG(DMA + 0x84) = (uint32_t)copy;
    REG(DMA + 0x90) = 0x3f << 15 | 1 << 11 | 1 << 5 | 1 << 4 | 1 << 21 | 1; /* quiet, chained to 1; through alias 1, which does not trigger */
    REG(DMA + 0x40) = (uint32_t)blocks;
    REG(DMA + 0x44) = DMA + 0x80 + 0x38;
    REG(DMA + 0x48) = 2;
    REG(DMA + 0x4c) = 0x3f << 15 | 1 << 11 | 1 << 10 | 3 << 6 | 1 << 5 | 1 << 4 | 2 << 2 | 1;
    check("null trigger", WAIT(REG(DMA + 0x400) & 4, 100), 1);
    check("in one piece", strcmp(copy, "one two end"), 0);
    REG(DMA + 0x400) = 0xfff;
    /* The sniffer's CRC-32, as of Ethernet: reflected, inverted. */
    REG(DMA + 0x438) = 0xffffffff;
    REG(DMA + 0x434) = 1 << 11 | 1 << 10 | 1 << 5 | 0 << 1 | 1;
    dma_done = 0;
    REG(DMA + 0) = (uint32_t)text;
    REG(DMA + 4) = (uint32_t)copy;
    REG(DMA + 8) = sizeof text - 1;
    REG(DMA + 12) = 1 << 23 | 0x3f << 15 | 0 << 11 | 1 << 4 | 1;
    WAIT(dma_done & 1, 100);
    check("sniffed", REG(DMA + 0x438), 0x414fa339);
    REG(DMA + 0x434) = 0;
    /* One byte every 125 cycles: a microsecond. */
    REG(DMA + 0x420) = 1 << 16 | 125;
    dma_done = 0;
    uint32_t start = now();
    REG(DMA + 0) = (uint32_t)text;
    REG(DMA + 4) = (uint32_t)copy;
    REG(DMA + 8) = 40;
    REG(DMA + 12) = 0x3b << 15 | 0 << 11 | 1 << 5 | 1 << 4 | 1;
    check("paced", WAIT(dma_done & 1, 1000), 1);
    check_range("microseconds of 40 bytes", now() - start, 38, 44);
    irq_off(11);
    section("DMA");
}

/* uart_set_irq_enables (4.2): interrupts, then DMA both ways */
static char received[64];
static volatile unsigned count;
static void uart_irq(void)
{
    while (!(REG(UART1 + 0x18) & 1 << 4) && count < sizeof received)
        received[count++] = (char)REG(UART1);
}
static void uart(void)
{
    REG(UART1 + 0x24) = 8;
    REG(UART1 + 0x28) = 31; /* 921,600 */
    REG(UART1 + 0x2c) = 0x70;
    REG(UART1 + 0x30) = 0x301;
    on_irq(21, uart_irq);
    REG(UART1 + 0x38) = 1 << 4 | 1 << 6;
    for (const char *text = "by interrupts"; *text; text++) {
        while (REG(UART1 + 0x18) & 1 << 5) { }
        REG(UART1) = (uint8_t)*text;
    }
    uint32_t start = now();
    check("all come back", WAIT(count == 13, 5000), 1);
    check("which they are", memcmp(received, "by interrupts", 13), 0);
    check_range("microseconds of 13 bytes", now() - start, 100, 200);
    irq_off(21);
    REG(UART1 + 0x38) = 0;
    static const char text[] = "by DMA, more than a FIFO has room for";
    memset(received, 0, sizeof received);
    REG(UART1 + 0x48) = 3;
    REG(DMA + 0x40) = UART1;
    REG(DMA + 0x44) = (uint32_t)received;
    REG(DMA + 0x48) = sizeof text - 1;
    REG(DMA + 0x4c) = 23 << 15 | 1 << 11 | 1 << 5 | 1;
    REG(DMA + 0) = (uint32_t)text;
    REG(DMA + 4) = UART1;
    REG(DMA + 8) = sizeof text - 1;
    REG(DMA + 12) = 22 << 15 | 0 << 11 | 1 << 4 | 1;
    check("DMA", WAIT(!(REG(DMA + 0x4c) >> 24 & 1), 10000), 1);
    check("what has come", memcmp(received, text, sizeof text - 1), 0);
    section("UART");
}

/* i2c_write_blocking and i2c_read_blocking (4.3) */
static int i2c_transfer(unsigned address, const uint8_t *out, unsigned outs, uint8_t *in, unsigned ins)
{
    REG(I2C0 + 0x6c) = 0;
    REG(I2C0 + 4) = address;
    REG(I2C0 + 0x6c) = 1;
    for (unsigned index = 0; index < outs; index++) {
        REG(I2C0 + 0x10) = out[index] | (ins == 0 && index == outs - 1 ? 1 << 9 : 0);
        WAIT(REG(I2C0 + 0x34) & 1 << 4, 1000);
        if (REG(I2C0 + 0x80)) {
            (void)REG(I2C0 + 0x54);
            WAIT(REG(I2C0 + 0x34) & 1 << 9, 1000);
            (void)REG(I2C0 + 0x60);
            return 0;
        }
    }
    for (unsigned index = 0; index < ins; index++) {
        REG(I2C0 + 0x10) = 1 << 8 | (index == ins - 1 ? 1 << 9 : 0) | (index == 0 && outs ? 1 << 10 : 0);
        if (!WAIT(REG(I2C0 + 0x78), 1000))
            return 0;
        in[index] = (uint8_t)REG(I2C0 + 0x10);
    }
    check("STOP_DET", WAIT(REG(I2C0 + 0x34) & 1 << 9, 1000), 1);
    (void)REG(I2C0 + 0x60);
    return 1;
}
static void i2c(void)
{
    REG(I2C0 + 0x6c) = 0;
    REG(I2C0) = 1 | 2 << 1 | 1 << 5 | 1 << 6 | 1 << 8;
    REG(I2C0 + 0x38) = REG(I2C0 + 0x3c) = 0;
    REG(I2C0 + 0x1c) = 125;
    REG(I2C0 + 0x20) = 187; /* 400 kHz */
    REG(I2C0 + 0x6c) = 1;
    uint8_t at[] = { 1, 0 }, back[4];
    check("nobody at 0x20", (uint32_t)i2c_transfer(0x20, at, 1, 0, 0), 0);
    check("write", (uint32_t)i2c_transfer(0x50, (const uint8_t[]){ 1, 0, 'p', 'i', 'c', 'o' }, 6, 0, 0), 1);
    check("read", (uint32_t)i2c_transfer(0x50, at, 2, back, 4), 1);
    check("what was written", memcmp(back, "pico", 4), 0);
    check("LM75", (uint32_t)i2c_transfer(0x48, (const uint8_t[]){ 0 }, 1, back, 2), 1);
    check("21.5 degrees", back[0] << 8 | back[1], 0x1580);
    section("I2C");
}

/* spi_write_read_blocking (4.4), then DMA both ways */
static uint8_t spi_byte(uint8_t byte)
{
    while (!(REG(SPI0 + 12) & 2)) { }
    REG(SPI0 + 8) = byte;
    while (!(REG(SPI0 + 12) & 4)) { }
    return (uint8_t)REG(SPI0 + 8);
}
static void chip_select(int active) { REG(SIO + (active ? 0x18 : 0x14)) = 1 << 17; }
static void spi(void)
{
    GPIO_CTRL(17) = 5;
    REG(SIO + 0x14) = REG(SIO + 0x24) = 1 << 17;
    REG(SPI0 + 16) = 2;
    REG(SPI0) = 7 | 7 << 8;
    REG(SPI0 + 4) = 2;
    chip_select(1);
    spi_byte(0x9f);
    uint32_t identification = 0;
    for (unsigned index = 0; index < 3; index++)
        identification = identification << 8 | spi_byte(0);
    chip_select(0);
    check("JEDEC ID", identification, 0xef4014);
    chip_select(1);
    spi_byte(6);
    chip_select(0);
    chip_select(1);
    spi_byte(2);
    for (unsigned index = 0; index < 3; index++)
        spi_byte(0);
    for (unsigned index = 0; index < 32; index++)
        spi_byte((uint8_t)(index * 5));
    chip_select(0);
    static uint8_t out[36] = { 3 }, in[36];
    chip_select(1);
    REG(SPI0 + 0x24) = 3;
    REG(DMA + 0x40) = SPI0 + 8;
    REG(DMA + 0x44) = (uint32_t)in;
    REG(DMA + 0x48) = 36;
    REG(DMA + 0x4c) = 17 << 15 | 1 << 11 | 1 << 5 | 1;
    REG(DMA + 0) = (uint32_t)out;
    REG(DMA + 4) = SPI0 + 8;
    REG(DMA + 8) = 36;
    REG(DMA + 12) = 16 << 15 | 0 << 11 | 1 << 4 | 1;
    check("DMA", WAIT(!(REG(DMA + 0x4c) >> 24 & 1), 1000), 1);
    chip_select(0);
    for (unsigned index = 0; index < 32; index++)
        check("by DMA", in[4 + index], (uint8_t)(index * 5));
    section("SPI");
}

/* adc_read, adc_fifo_setup with DMA and round robin (4.9) */
static void adc(void)
{
    REG(ADC) = 1;
    check("READY", WAIT(REG(ADC) & 1 << 8, 100), 1);
    REG(ADC) = 1 | 1 << 12;
    SET(ADC) = 4;
    check("converted", WAIT(REG(ADC) & 1 << 8, 100), 1);
    check("input 1", REG(ADC + 4), 1000);
    static uint16_t samples[6];
    REG(ADC + 8) = 1 | 1 << 3 | 1 << 24;
    REG(ADC) = 1 | 1 << 12 | 6 << 16;
    REG(DMA + 0) = ADC + 12;
    REG(DMA + 4) = (uint32_t)samples;
    REG(DMA + 8) = 6;
    REG(DMA + 12) = 36 << 15 | 0 << 11 | 1 << 5 | 1 << 2 | 1;
    uint32_t start = now();
    SET(ADC) = 8;
    check("DMA", WAIT(!(REG(DMA + 12) >> 24 & 1), 1000), 1);
    CLEAR(ADC) = 8;
    check_range("microseconds of six at 500,000 a second", now() - start, 11, 15);
    for (unsigned index = 0; index < 6; index++)
        check("in turn", samples[index], index & 1 ? 2000 : 1000);
    section("ADC");
}

/* rtc_set_datetime and an alarm (4.8) */
static volatile uint32_t rtc_alarms;
static void rtc_irq(void)
{
    CLEAR(RTC + 16) = 1 << 28;
    rtc_alarms++;
}
static void rtc(void)
{
    REG(RTC + 12) = 0;
    check("stopped", WAIT(!(REG(RTC + 12) & 2), 100), 1);
    REG(RTC) = 46; /* a second is a millisecond */
    REG(RTC + 4) = 2024 << 12 | 2 << 8 | 28;
    REG(RTC + 8) = 3 << 24 | 23 << 16 | 59 << 8 | 58;
    SET(RTC + 12) = 1 << 4;
    SET(RTC + 12) = 1;
    check("RTC_ACTIVE", WAIT(REG(RTC + 12) & 2, 100), 1);
    REG(RTC + 20) = 1 << 29 | 1 << 28 | 1; /* minutes and seconds: 00:01 */
    REG(RTC + 16) = 0;
    SET(RTC + 16) = 1 << 28;
    REG(RTC + 36) = 1;
    on_irq(25, rtc_irq);
    check("alarm", WAIT(rtc_alarms, 6000), 1);
    uint32_t time = REG(RTC + 28), date = REG(RTC + 24);
    check("time", time & 0xffffff, 1);
    check("a leap day", date & 0xffffff, (2024 << 12 | 2 << 8 | 29) & 0xffffff);
    irq_off(25);
    section("RTC");
}

/* flash_range_erase and flash_range_program by the boot ROM (2.8.3), from RAM */
#define ROM_CODE(a, b) ((a) | (b) << 8)
static void *rom_function(uint32_t code)
{
    typedef void *(*lookup)(const uint16_t *table, uint32_t code);
    return ((lookup)(uintptr_t)*(volatile uint16_t *)0x18)((const uint16_t *)(uintptr_t)*(volatile uint16_t *)0x14, code);
}
__attribute__((section(".data.ram"), noinline)) static void in_ram(void (*connect)(void), void (*exit)(void), void (*erase)(uint32_t, size_t, uint32_t, uint8_t),
                                                                    void (*program)(uint32_t, const uint8_t *, size_t), void (*flush)(void), void (*enter)(void), const uint8_t *page)
{
    connect();
    exit();
    erase(0x1f0000, 0x1000, 0x10000, 0xd8);
    program(0x1f0000, page, 256);
    flush();
    enter();
}
static void flash(void)
{
    static uint8_t page[256];
    for (unsigned index = 0; index < 256; index++)
        page[index] = (uint8_t)(index ^ 0x5a);
    in_ram(rom_function(ROM_CODE('I', 'F')), rom_function(ROM_CODE('E', 'X')), rom_function(ROM_CODE('R', 'E')), rom_function(ROM_CODE('R', 'P')),
           rom_function(ROM_CODE('F', 'C')), rom_function(ROM_CODE('C', 'X')), page);
    check("programmed", memcmp((const void *)0x101f0000, page, 256), 0);
    check("behind it", REG(0x101f0100), 0xffffffff);
    uint32_t (*popcount)(uint32_t) = rom_function(ROM_CODE('P', '3'));
    check("popcount", popcount(0xf0f00001), 9);
    section("flash and boot ROM");
}

/* watchdog_reboot (4.7): scratch registers and REASON tell. */
int main(void)
{
    if (REG(WATCHDOG + 12) == 0x600d) {
        check("by the timer", REG(WATCHDOG + 8), 1);
        failures += (int)REG(WATCHDOG + 16);
        section("watchdog");
        return failures;
    }
    clocks();
    timer();
    gpio();
    pwm();
    dma();
    uart();
    i2c();
    spi();
    adc();
    rtc();
    flash();
    REG(WATCHDOG + 12) = 0x600d;
    REG(WATCHDOG + 16) = (uint32_t)failures;
    REG(WATCHDOG + 4) = 2000; /* a millisecond: it counts twice a tick (RP2040-E1) */
    SET(WATCHDOG) = 1 << 30;
    for (uint32_t start = now(); now() - start < 1500;)
        REG(WATCHDOG + 4) = 2000;
    for (uint32_t start = now(); now() - start < 2000;) { }
    check("the watchdog runs out", 0, 1);
    return failures;
}
