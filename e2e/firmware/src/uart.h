/* Polled output on a board's console UART. BOARD_* is given by build.mjs. */
#pragma once
#include <stdint.h>

#define REG(address) (*(volatile uint32_t *)(uintptr_t)(address))
#define REG8(address) (*(volatile uint8_t *)(uintptr_t)(address))

#if defined(UART_CMSDK) /* Arm DDI 0479, 3.3 */
static inline void uart_init(void) { REG(UART_CMSDK + 0x10) = 16; REG(UART_CMSDK + 0x08) = 1; }
static inline void uart_put(char c) { while (REG(UART_CMSDK + 0x04) & 1) { } REG(UART_CMSDK) = (uint8_t)c; }
#elif defined(UART_NRF51) /* nRF51 Reference Manual 3.0, 29 */
static inline void uart_init(void)
{
    REG(UART_NRF51 + 0x50c) = 24; /* PSELTXD */
    REG(UART_NRF51 + 0x524) = 0x01d7e000; /* 115200 */
    REG(UART_NRF51 + 0x500) = 4; /* ENABLE */
    REG(UART_NRF51 + 0x008) = 1; /* STARTTX */
}
static inline void uart_put(char c)
{
    REG(UART_NRF51 + 0x11c) = 0; /* TXDRDY */
    REG(UART_NRF51 + 0x51c) = (uint8_t)c;
    while (!REG(UART_NRF51 + 0x11c)) { }
}
#elif defined(UART_PL011) /* Arm DDI 0183, 3.3; LM3S6965 data sheet, 12 */
static inline void uart_init(void)
{
    REG(0x400fe104) |= 1; /* RCGC1: UART0 */
    (void)REG(0x400fe104);
    REG(UART_PL011 + 0x24) = 8;
    REG(UART_PL011 + 0x28) = 44;
    REG(UART_PL011 + 0x2c) = 0x70;
    REG(UART_PL011 + 0x30) = 0x301;
}
static inline void uart_put(char c) { while (REG(UART_PL011 + 0x18) & 0x20) { } REG(UART_PL011) = (uint8_t)c; }
#elif defined(UART_STM32) /* RM0041, 23.6; RM0033, 26.6: the same registers */
static inline void uart_init(void)
{
#ifdef STM32F1
    REG(0x40021018) |= (1 << 14) | (1 << 2); /* RCC_APB2ENR: USART1, GPIOA */
#else
    REG(0x40023844) |= 1 << 4; /* RCC_APB2ENR: USART1 */
#endif
    REG(UART_STM32 + 0x08) = 0x8b;
    REG(UART_STM32 + 0x0c) = 0x200c; /* UE, TE, RE */
}
static inline void uart_put(char c) { while (!(REG(UART_STM32) & 0x80)) { } REG(UART_STM32 + 4) = (uint8_t)c; }
#elif defined(UART_NS16550) /* PC16550D data sheet, 8 */
static inline void uart_init(void) { REG8(UART_NS16550 + 3) = 3; REG8(UART_NS16550 + 2) = 1; }
static inline void uart_put(char c) { while (!(REG8(UART_NS16550 + 5) & 0x20)) { } REG8(UART_NS16550) = (uint8_t)c; }
#elif defined(UART_SIFIVE) /* FE310-G000 manual, 18 */
static inline void uart_init(void)
{
    REG(0x10012038) |= 3 << 16; /* GPIO iof_en: UART0 on pins 16 and 17 */
    REG(UART_SIFIVE + 0x18) = 138;
    REG(UART_SIFIVE + 0x08) = 1;
}
static inline void uart_put(char c) { while (REG(UART_SIFIVE) & 0x80000000u) { } REG(UART_SIFIVE) = (uint8_t)c; }
#elif defined(UART_RP2040) /* RP2040 data sheet, 2.14, 2.15, 2.19, 4.2 */
static inline void uart_init(void)
{
    const uint32_t blocks = (1 << 22) | (1 << 8) | (1 << 5); /* UART0, PADS_BANK0, IO_BANK0 */
    REG(0x4000f000) = blocks; /* RESETS, clear bits */
    while ((REG(0x4000c008) & blocks) != blocks) { }
    REG(0x40008048) = 1 << 11; /* CLK_PERI_CTRL: enabled, from clk_sys */
    REG(0x40014004) = 2; /* GPIO0: UART0 TX */
    REG(UART_RP2040 + 0x24) = 3;
    REG(UART_RP2040 + 0x28) = 34;
    REG(UART_RP2040 + 0x2c) = 0x70;
    REG(UART_RP2040 + 0x30) = 0x301;
}
static inline void uart_put(char c) { while (REG(UART_RP2040 + 0x18) & 0x20) { } REG(UART_RP2040) = (uint8_t)c; }
#endif

static inline void uart_text(const char *text)
{
    for (; *text; text++)
        uart_put(*text);
    /* The last bytes are still on their way. */
    for (volatile int wait = 0; wait < 20000; wait++) { }
}
