/* Threads as Zephyr keeps them: names of its variables, the table that it has for debuggers, and where it keeps registers of a thread that does not
 * run, on a Cortex-M4F and on RISC-V. Nothing here is Zephyr's code, and offsets are ours: the table tells them. Built by build.mjs. */
typedef unsigned long word;

struct base {
  word queue[2];
  unsigned char options, state;
  signed char priority;
};

#ifdef __arm__
typedef float Kept;
struct kept {
  word v[8], psp;
};
struct arch {
  word basepri, swap_return_value;
  float preempt_float[16];
  unsigned char mode, mode_exc_return;
};
#define STACK_POINTER kept.psp
#else
typedef long Kept;
struct kept {
  word sp, ra, s[12];
};
struct arch {
  char none;
};
#define STACK_POINTER kept.sp
#endif

typedef struct Thread {
  struct base base;
  struct kept kept;
  void (*entry)(void);
  struct Thread *next_thread;
  char name[32];
  struct arch arch;
} Thread;

struct {
  word nested;
  char *irq_stack;
  Thread *volatile current;
  word ready_queue;
  Thread *threads;
} _kernel;

#define OFFSET(type, member) __builtin_offsetof(type, member)
#define NONE 0xffffffff
__attribute__((used)) const word _kernel_thread_info_offsets[] = {
    1,
    OFFSET(__typeof__(_kernel), current),
    OFFSET(__typeof__(_kernel), threads),
    OFFSET(Thread, entry),
    OFFSET(Thread, next_thread),
    OFFSET(Thread, base.state),
    OFFSET(Thread, base.options),
    OFFSET(Thread, base.priority),
    OFFSET(Thread, STACK_POINTER),
    OFFSET(Thread, name),
    OFFSET(Thread, arch),
#ifdef __arm__
    OFFSET(struct arch, preempt_float),
    NONE,
    OFFSET(struct arch, mode_exc_return),
#else
    NONE,
    NONE,
#endif
};
__attribute__((used)) const word _kernel_thread_info_num_offsets = sizeof _kernel_thread_info_offsets / sizeof(word);
__attribute__((used)) const unsigned char _kernel_thread_info_size_t_size = sizeof(word);

static Thread threads[4];
static word stacks[4][160] __attribute__((aligned(16)));

static void leave(int status) {
  static word block[2];
  block[0] = 0x20026; /* ADP_Stopped_ApplicationExit */
  block[1] = status;
#ifdef __arm__
  register int operation __asm__("r0") = 0x20; /* SYS_EXIT_EXTENDED */
  register word *parameter __asm__("r1") = block;
  __asm__ volatile("bkpt 0xab" : : "r"(operation), "r"(parameter) : "memory");
#else
  register int operation __asm__("a0") = 0x20;
  register word *parameter __asm__("a1") = block;
  __asm__ volatile(".option push\n.option norvc\n.balign 16\nslli x0, x0, 0x1f\nebreak\nsrai x0, x0, 7\n.option pop" : : "r"(operation), "r"(parameter) : "memory");
#endif
}


/* Round robin among the first two. */
__attribute__((used)) static Thread *next_thread(void) { return _kernel.current == &threads[0] ? &threads[1] : &threads[0]; }

#ifdef __arm__
_Static_assert(OFFSET(Thread, kept) == 12 && OFFSET(Thread, arch.preempt_float) == 96 && OFFSET(Thread, arch.mode_exc_return) == 161, "of pendsv");

__attribute__((naked)) static void pendsv(void) {
  __asm__("ldr r1, =_kernel\n ldr r2, [r1, #8]\n"
          "mrs r0, psp\n"
          "strb lr, [r2, #161]\n"
          "add r3, r2, #12\n stmia r3, {r4-r11}\n str r0, [r2, #44]\n"
          "tst lr, #0x10\n itt eq\n addeq r3, r2, #96\n vstmiaeq r3, {s16-s31}\n"
          "bl next_thread\n"
          "ldr r1, =_kernel\n str r0, [r1, #8]\n mov r2, r0\n"
          "ldrb r0, [r2, #161]\n mvn lr, #0xff\n orr lr, lr, r0\n"
          "tst lr, #0x10\n itt eq\n addeq r3, r2, #96\n vldmiaeq r3, {s16-s31}\n"
          "add r3, r2, #12\n ldmia r3, {r4-r11}\n ldr r0, [r2, #44]\n"
          "msr psp, r0\n bx lr\n .ltorg");
}

__attribute__((naked)) static void svcall(void) {
  __asm__("ldr r1, =_kernel\n ldr r2, [r1, #8]\n ldr r0, [r2, #44]\n msr psp, r0\n mvn lr, #2\n bx lr\n .ltorg");
}

__attribute__((noinline)) void yield(void) {
  *(volatile word *)0xe000ed04 = 1 << 28; /* ICSR.PENDSVSET */
  __asm__ volatile("dsb\nisb" : : : "memory");
}

static void prepare(Thread *thread, word *top, void (*entry)(void)) {
  *--top = 0x01000000;
  *--top = (word)entry & ~1;
  *--top = 0; /* lr: nobody has called it */
  for (int count = 0; count < 5; count++) *--top = 0;
  thread->kept.psp = (word)top;
  thread->arch.mode_exc_return = 0xfd;
}
#else
#define EACH(what) \
  what "sp, 0(a1)\n" what "ra, 4(a1)\n" what "s0, 8(a1)\n" what "s1, 12(a1)\n" what "s2, 16(a1)\n" what "s3, 20(a1)\n" what "s4, 24(a1)\n" what \
       "s5, 28(a1)\n" what "s6, 32(a1)\n" what "s7, 36(a1)\n" what "s8, 40(a1)\n" what "s9, 44(a1)\n" what "s10, 48(a1)\n" what "s11, 52(a1)\n"

/* From what is kept at a1 to what is kept at a0. */
__attribute__((naked, noinline)) static void change(struct kept *to, struct kept *from) { __asm__(EACH("sw ") "mv a1, a0\n" EACH("lw ") "ret"); }

__attribute__((noinline)) void yield(void) {
  Thread *from = _kernel.current;
  _kernel.current = next_thread();
  change(&_kernel.current->kept, &from->kept);
}

static void prepare(Thread *thread, word *top, void (*entry)(void)) {
  thread->kept.sp = (word)top;
  thread->kept.ra = (word)entry;
}
#endif

static void create(int number, const char *name, void (*entry)(void), int state) {
  Thread *thread = &threads[number];
  prepare(thread, stacks[number] + 160, entry);
  for (int index = 0; index < 31 && name[index] != 0; index++) thread->name[index] = name[index];
  thread->entry = entry;
  thread->base.state = state;
  thread->next_thread = _kernel.threads;
  _kernel.threads = thread;
}

/* What is kept over a switch is in registers that the kernel keeps. */
__attribute__((noinline)) Kept turns(int rounds, Kept step) {
  Kept kept = 0;
  for (int round = 0; round < rounds; round++) {
    kept += step;
    yield();
  }
  return kept;
}

__attribute__((noinline)) void look(int round) { __asm__ volatile("" : : "r"(round)); }

static void alpha(void) {
  turns(100, 2);
  leave(1);
}

static void beta(void) {
  for (int round = 0; round < 5; round++) {
    look(round);
    yield();
  }
  leave(7);
}

static void never(void) { leave(2); }

void start(void) {
  create(0, "alpha", alpha, 0x80);
  create(1, "beta", beta, 0x80);
  create(2, "gamma", never, 0x02);
  create(3, "", never, 0x10);
  _kernel.current = &threads[0];
#ifdef __arm__
  *(volatile word *)0xe000ed88 |= 0xf << 20; /* CPACR: the FPU */
  __asm__ volatile("dsb\nisb\nsvc 0");
#else
  static struct kept nobody;
  change(&threads[0].kept, &nobody);
#endif
  for (;;) {
  }
}

#ifdef __arm__
extern char stack_top[];
__attribute__((section(".vectors"), used)) static const void *const vectors[16] = {stack_top, start, [11] = svcall, [14] = pendsv};
#else
__attribute__((section(".vectors"), naked, used)) void reset(void) { __asm__("la sp, stack_top\nj start"); }
#endif
