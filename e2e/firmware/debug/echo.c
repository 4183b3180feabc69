/* What a debugger's user types: by interrupts of the console's UART, or (SEMIHOSTING) by reads of the host. Capital letters come back; a dot ends it. */
typedef unsigned char byte;
typedef unsigned int word;
#define REG(address) (*(volatile word *)(address))
#define REG8(address) (*(volatile byte *)(address))

volatile word ticks;
volatile word count;
volatile byte typed[64];

static long host(long number, volatile void *block) {
#ifdef __arm__
  register long operation __asm__("r0") = number;
  register volatile void *parameter __asm__("r1") = block;
  __asm__ volatile("bkpt 0xab" : "+r"(operation) : "r"(parameter) : "memory");
#else
  register long operation __asm__("a0") = number;
  register volatile void *parameter __asm__("a1") = block;
  __asm__ volatile(".option push\n.option norvc\n.balign 16\nslli x0, x0, 0x1f\nebreak\nsrai x0, x0, 7\n.option pop" : "+r"(operation) : "r"(parameter) : "memory");
#endif
  return operation;
}

static void leave(long status) {
  static volatile long block[2];
  block[0] = 0x20026; /* ADP_Stopped_ApplicationExit */
  block[1] = status;
  host(0x20, block);
}

#ifdef SEMIHOSTING
static void open(void) {}
static byte next(void) {
  long got = host(0x07, 0);
  return got < 0 ? '.' : (byte)got;
}
static void put(byte character) {
  static volatile byte out;
  out = character;
  host(0x03, &out);
}
#else
static volatile word received;
static byte waiting[64];
static void receive(byte character) { waiting[received++ % sizeof waiting] = character; }

#ifdef __arm__ /* CMSDK UART0 of MPS2: Arm DDI 0479, 3.3; its interrupt 0 */
static void receiver(void) {
  REG(0x4000400c) = 2;
  receive((byte)REG(0x40004000));
}
static void tick(void) { ticks++; }
static void put(byte character) {
  while (REG(0x40004004) & 1) {
  }
  REG(0x40004000) = character;
}
static void open(void) {
  REG(0x40004010) = 16;
  REG(0x40004008) = 0xb; /* TX, RX, RX interrupt */
  REG(0xe000e100) = 1;
  REG(0xe000e014) = 20000; /* SysTick */
  REG(0xe000e018) = 0;
  REG(0xe000e010) = 7;
}
static void mask(void) { __asm__ volatile("cpsid i" : : : "memory"); }
static void unmask(void) { __asm__ volatile("cpsie i" : : : "memory"); }
#else /* NS16550 of QEMU's virt by input 10 of its PLIC */
__attribute__((interrupt, aligned(4))) static void receiver(void) {
  word source = REG(0x0c200004);
  while (REG8(0x10000005) & 1)
    receive(REG8(0x10000000));
  REG(0x0c200004) = source;
}
static void put(byte character) {
  while (!(REG8(0x10000005) & 0x20)) {
  }
  REG8(0x10000000) = character;
}
static void open(void) {
  REG8(0x10000003) = 3; /* characters of 8 bits */
  REG8(0x10000001) = 1; /* received data available */
  REG(0x0c000028) = 1;
  REG(0x0c002000) = 1 << 10;
  REG(0x0c200000) = 0;
  __asm__ volatile("csrw mtvec, %0\ncsrs mie, %1" : : "r"(receiver), "r"(0x800));
}
static void mask(void) { __asm__ volatile("csrci mstatus, 8" : : : "memory"); }
static void unmask(void) { __asm__ volatile("csrsi mstatus, 8" : : : "memory"); }
#endif

static byte next(void) {
  static word taken;
  for (;;) {
    mask();
    if (taken != received)
      break;
    __asm__ volatile("wfi");
    unmask();
  }
  unmask();
  return waiting[taken++ % sizeof waiting];
}
#endif

__attribute__((noinline)) void keep(byte character) {
  typed[count++ % sizeof typed] = character;
  put(character >= 'a' && character <= 'z' ? character - 32 : character);
}

void start(void) {
  open();
  for (;;) {
    byte character = next();
    if (character == '.')
      leave(count);
    keep(character);
  }
}

#ifdef __arm__
extern char stack_top[];
__attribute__((section(".vectors"), used)) static const void *const vectors[17] = {
    stack_top, start,
#ifndef SEMIHOSTING
    [15] = tick, [16] = receiver,
#endif
};
#else
__attribute__((section(".vectors"), naked, used)) void reset(void) { __asm__("la sp, stack_top\nj start"); }
#endif
