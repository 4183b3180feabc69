// Brings RP2040 up as the pico-sdk does it (with and without a second stage), then tells over UART0 what clocks, timer, pins, ROM and flash do. Built by build.mjs.
#include <stdint.h>

#define REG(address) (*(volatile uint32_t *)(address))
#define SET 0x2000
#define CLR 0x3000

#define RESETS 0x4000c000
#define CLOCKS 0x40008000
#define XOSC 0x40024000
#define PLL_SYS 0x40028000
#define PLL_USB 0x4002c000
#define UART0 0x40034000
#define TIMER 0x40054000
#define WATCHDOG 0x40058000
#define IO_BANK0 0x40014000
#define SIO 0xd0000000
#define NVIC_ISER 0xe000e100

static volatile uint32_t alarms, edges;

static void put(char c) {
  while (REG(UART0 + 0x18) & 0x20) {}
  REG(UART0) = c;
}
static void print(const char *text) {
  while (*text) put(*text++);
}
static uint32_t divided(uint32_t value, uint32_t by) {
  REG(SIO + 0x60) = value;
  REG(SIO + 0x64) = by;
  return REG(SIO + 0x70);
}
static void number(uint32_t value) {
  char digits[11];
  int at = 10;
  digits[at] = 0;
  do {
    uint32_t tenth = divided(value, 10);
    digits[--at] = '0' + (value - tenth * 10);
    value = tenth;
  } while (value);
  print(digits + at);
}

static void release(uint32_t bits) {
  REG(RESETS + CLR) = bits;
  while (~REG(RESETS + 8) & bits) {}
}
static void pll(uint32_t base, uint32_t feedback, uint32_t dividers) {
  REG(base) = 1;
  REG(base + 8) = feedback;
  REG(base + 4 + CLR) = 0x21;
  while (!(REG(base) >> 31)) {}
  REG(base + 0xc) = dividers;
  REG(base + 4 + CLR) = 8;
}

static void clocks(void) {
  REG(WATCHDOG + 0x2c) = 0x200 | 12;
  REG(CLOCKS + 0x78) = 0;
  REG(XOSC) = 0xaa0;
  REG(XOSC + 0xc) = 47;
  REG(XOSC + SET) = 0xfab000;
  while (!(REG(XOSC + 4) >> 31)) {}
  REG(CLOCKS + 0x3c + CLR) = 1;
  while (REG(CLOCKS + 0x44) != 1) {}
  REG(CLOCKS + 0x30 + CLR) = 3;
  while (REG(CLOCKS + 0x38) != 1) {}
  release(1 << 12 | 1 << 13);
  pll(PLL_SYS, 125, 6 << 16 | 2 << 12);
  pll(PLL_USB, 100, 5 << 16 | 5 << 12);
  REG(CLOCKS + 0x30) = 2;
  while (REG(CLOCKS + 0x38) != 4) {}
  REG(CLOCKS + 0x3c) = 1;
  while (REG(CLOCKS + 0x44) != 2) {}
  REG(CLOCKS + 0x48) = 1 << 11;
}

static void stop(void) {
  for (;;) {}
}
void alarm(void) {
  REG(TIMER + 0x34 + CLR) = 1;
  alarms++;
}
void edge(void) {
  REG(IO_BANK0 + 0xf0) = 0xff;
  edges++;
}

typedef uint32_t (*lookup_t)(const uint16_t *, uint32_t);
static uint32_t rom(char first, char second) {
  lookup_t lookup = (lookup_t)(uint32_t)*(volatile uint16_t *)0x18;
  return lookup((const uint16_t *)(uint32_t)*(volatile uint16_t *)0x14, (uint32_t)second << 8 | first);
}

void reset(void) {
  alarms = edges = 0;
  clocks();
  release(1 << 5 | 1 << 8 | 1 << 21 | 1 << 22);
  // 115,200 baud of 125 MHz.
  REG(UART0 + 0x24) = 67;
  REG(UART0 + 0x28) = 52;
  REG(UART0 + 0x2c) = 0x70;
  REG(UART0 + 0x30) = 0x301;
  if (REG(WATCHDOG + 0xc) == 0x600d) {
    print(REG(WATCHDOG + 8) == 1 ? "back by watchdog\n" : "back, nobody knows why\n");
    for (;;) __asm volatile("wfi");
  }
  REG(CLOCKS + 0x94) = 9;
  while (!(REG(CLOCKS + 0x98) & 1 << 4)) {}
  number(REG(CLOCKS + 0x9c) >> 5);
  print(" kHz\n");

  // A millisecond by the timer, in cycles of SysTick.
  REG(NVIC_ISER) = 1 << 0 | 1 << 13;
  REG(TIMER + 0x38) = 1;
  REG(0xe000e014) = 0xffffff;
  REG(0xe000e018) = 0;
  REG(0xe000e010) = 5;
  REG(TIMER + 0x10) = REG(TIMER + 0x28) + 1000;
  while (alarms < 1) __asm volatile("wfi");
  number(divided(0xffffff - REG(0xe000e018) + 500, 1000));
  print(" thousand cycles a ms\n");

  REG(IO_BANK0 + 4) = 5;
  REG(IO_BANK0 + 0x100) = 8;
  print("press\n");
  while (edges < 1) __asm volatile("wfi");
  print("again\n");
  while (edges < 2) __asm volatile("wfi");
  print("pressed twice\n");

  // The flash's last sector, by the boot ROM's functions.
  char text[256];
  void (*fill)(void *, int, uint32_t) = (void (*)(void *, int, uint32_t))rom('M', 'S');
  fill(text, 'x', sizeof text);
  ((void (*)(uint32_t, uint32_t, uint32_t, uint32_t))rom('R', 'E'))(0x1ff000, 0x1000, 0x10000, 0xd8);
  ((void (*)(uint32_t, const void *, uint32_t))rom('R', 'P'))(0x1ff000, text, sizeof text);
  ((void (*)(void))rom('F', 'C'))();
  print(REG(0x101ff000) == 0x78787878 && REG(0x101ff0fc) == 0x78787878 && REG(0x101ff100) == 0xffffffff ? "flash written\n" : "flash is wrong\n");
  number(((uint32_t (*)(uint32_t))rom('P', '3'))(0xf0f00001));
  print(" bits\n");

  while (REG(UART0 + 0x18) & 8) {}
  REG(WATCHDOG + 0xc) = 0x600d;
  REG(WATCHDOG + 4) = 2000;
  REG(WATCHDOG + SET) = 1 << 30;
  for (;;) {}
}

__attribute__((section(".vectors"), used)) static void (*const vectors[16 + 14])(void) = {
  (void (*)(void))0x20040000, reset, stop, stop, 0, 0, 0, 0, 0, 0, 0, stop, 0, 0, stop, stop, alarm, stop, stop, stop, stop, stop, stop, stop, stop, stop, stop, stop, stop, edge,
};
