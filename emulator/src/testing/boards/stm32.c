// Brings a board of STM32 up as ST's HAL does it, then tells over USART1 what clocks, timers, pins, flash and reset do. Built by build.mjs.
#include <stdint.h>

#define REG(address) (*(volatile uint32_t *)(address))
#define REG16(address) (*(volatile uint16_t *)(address))

#ifdef F1
#define MEGAHERTZ 24
#define TIMER_MEGAHERTZ 24
#define PERIPHERAL_HERTZ 24000000
#define RCC 0x40021000
#define FLASH 0x40022000
#define USART1 0x40013800
#define EXTI 0x40010400
#define CSR (RCC + 0x24)
#define PAGE 0x0801fc00
#else
#ifdef F2
#define MEGAHERTZ 120
#define TIMER_MEGAHERTZ 60
#define PERIPHERAL_HERTZ 60000000
#define PLL (25u | 240u << 6 | 0u << 16 | 1u << 22 | 5u << 24)
#else
#define MEGAHERTZ 168
#define TIMER_MEGAHERTZ 84
#define PERIPHERAL_HERTZ 84000000
#define PLL (25u | 336u << 6 | 0u << 16 | 1u << 22 | 7u << 24)
#endif
#define RCC 0x40023800
#define FLASH 0x40023c00
#define USART1 0x40011000
#define EXTI 0x40013c00
#define CSR (RCC + 0x74)
#define PAGE 0x080e0000
#endif
#define TIM2 0x40000000
#define NVIC_ISER0 0xe000e100

static volatile uint32_t ticks, presses;

static void put(char c) {
  while (!(REG(USART1) & 0x80)) {}
  REG(USART1 + 4) = c;
}
static void print(const char *text) {
  while (*text) put(*text++);
}
static void number(uint32_t value) {
  char digits[11];
  int at = 10;
  digits[at] = 0;
  do digits[--at] = '0' + value % 10;
  while (value /= 10);
  print(digits + at);
}

static void clocks(void) {
#ifdef F1
  REG(RCC) |= 1 << 16;
  while (!(REG(RCC) & 1 << 17)) {}
  REG(FLASH) |= 0x10;
  REG(RCC + 4) = (REG(RCC + 4) & ~0x3f0000u) | 1 << 16 | 1 << 18;
  REG(RCC) |= 1 << 24;
  while (!(REG(RCC) & 1 << 25)) {}
  REG(RCC + 4) |= 2;
  while ((REG(RCC + 4) & 0xc) != 8) {}
  REG(RCC + 0x18) |= 1 << 0 | 1 << 2 | 1 << 14;
  REG(RCC + 0x1c) |= 1 << 0;
#else
  REG(RCC + 0x40) |= 1 << 28;
  REG(0x40007000) |= 1 << 14;
  REG(RCC) |= 1 << 16;
  while (!(REG(RCC) & 1 << 17)) {}
  REG(RCC + 4) = PLL;
  REG(RCC) |= 1 << 24;
  while (!(REG(RCC) & 1 << 25)) {}
  REG(FLASH) = 5 | 7 << 8;
  while ((REG(FLASH) & 7) != 5) {}
  REG(RCC + 8) = 5 << 10 | 4 << 13;
  REG(RCC + 8) |= 2;
  while ((REG(RCC + 8) & 0xc) != 8) {}
  REG(RCC + 0x30) |= 1;
  REG(RCC + 0x40) |= 1;
  REG(RCC + 0x44) |= 1 << 4 | 1 << 14;
#endif
}

static void flash(void) {
  REG(FLASH + 4) = 0x45670123;
  REG(FLASH + 4) = 0xcdef89ab;
#ifdef F1
  REG(FLASH + 0x10) = 2;
  REG(FLASH + 0x14) = PAGE;
  REG(FLASH + 0x10) |= 0x40;
  while (REG(FLASH + 0xc) & 1) {}
  REG(FLASH + 0x10) = 1;
  REG16(PAGE) = 0xcafe;
  while (REG(FLASH + 0xc) & 1) {}
  REG16(PAGE + 2) = 0xf00d;
  while (REG(FLASH + 0xc) & 1) {}
  REG(FLASH + 0x10) = 0x80;
#else
  REG(FLASH + 0x10) = 2 | 11 << 3 | 2 << 8;
  REG(FLASH + 0x10) |= 1 << 16;
  while (REG(FLASH + 0xc) & 1 << 16) {}
  REG(FLASH + 0x10) = 1 | 2 << 8;
  REG(PAGE) = 0xf00dcafe;
  while (REG(FLASH + 0xc) & 1 << 16) {}
  REG(FLASH + 0x10) = 1u << 31;
#endif
  print(REG(PAGE) == 0xf00dcafe && REG(PAGE + 4) == 0xffffffff ? "flash written\n" : "flash is wrong\n");
}

void tick(void) {
  ticks++;
}
void press(void) {
  presses++;
  REG(EXTI + 0x14) = 1;
}
static void stop(void) {
  for (;;) {}
}

void reset(void) {
  ticks = presses = 0;
  uint32_t why = REG(CSR);
  REG(CSR) |= 1 << 24;
  clocks();
  REG(USART1 + 8) = PERIPHERAL_HERTZ / 115200;
  REG(USART1 + 0xc) = 0x200c;
  if (why & 1 << 28) {
    print("back by software reset\n");
    for (;;) __asm volatile("wfi");
  }
  number(MEGAHERTZ);
  print(" MHz\n");

  // Ten SysTicks of a millisecond, measured in microseconds by a timer.
  REG(TIM2 + 0x28) = TIMER_MEGAHERTZ - 1;
  REG(TIM2 + 0x14) = 1;
  REG(0xe000e014) = MEGAHERTZ * 1000 - 1;
  REG(0xe000e018) = 0;
  REG(0xe000e010) = 7;
  while (ticks < 1) __asm volatile("wfi");
  REG(TIM2) = 1;
  while (ticks < 11) __asm volatile("wfi");
  uint32_t microseconds = REG(TIM2 + 0x24);
  REG(0xe000e010) = 0;
  number((microseconds + 5) / 10);
  print(" us a tick\n");

  // Pin PA0, which the world drives.
  REG(EXTI) = 1;
  REG(EXTI + 8) = 1;
  REG(NVIC_ISER0) = 1 << 6;
  print("press\n");
  while (presses < 1) __asm volatile("wfi");
  print("again\n");
  while (presses < 2) __asm volatile("wfi");
  print("pressed twice\n");
  flash();
  while (!(REG(USART1) & 0x40)) {}
  REG(0xe000ed0c) = 0x05fa0004;
  for (;;) {}
}

__attribute__((section(".vectors"), used)) static void (*const vectors[16 + 7])(void) = {
  (void (*)(void))0x20002000, reset, stop, stop, stop, stop, stop, 0, 0, 0, 0, stop, stop, 0, stop, tick, stop, stop, stop, stop, stop, stop, press,
};
