/* Tasks as FreeRTOS keeps them: names, order and layout of its variables and structures, and what its ports to Cortex-M4F and RISC-V save on
 * a task's stack. Nothing here is FreeRTOS's code. Built by build.mjs. */
typedef unsigned long word;

typedef struct Item {
  word value;
  struct Item *next, *previous;
  void *owner, *container;
} Item;

typedef struct {
  word value;
  Item *next, *previous;
} End;

typedef struct {
  word count;
  Item *index;
  End end;
} List;

typedef struct {
  word *top;
  Item state, event;
  word priority;
  word *stack;
  char name[16];
} Task;

Task *volatile pxCurrentTCB;
static List pxReadyTasksLists[3];
static List xDelayedTaskList1, xDelayedTaskList2, xSuspendedTaskList;
static Task tasks[4];
static word stacks[4][160] __attribute__((aligned(16)));

#ifdef __ARM_FP
typedef float Kept;
#else
typedef long Kept;
#endif

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

__attribute__((noinline)) void yield(void) {
#ifdef __arm__
  *(volatile word *)0xe000ed04 = 1 << 28; /* ICSR.PENDSVSET */
  __asm__ volatile("dsb\nisb" : : : "memory");
#else
  __asm__ volatile("ecall" : : : "memory");
#endif
}

/* Round robin among those that are ready. */
__attribute__((used)) static void next_task(void) {
  Item *next = pxCurrentTCB->state.next;
  if (next == (Item *)&pxReadyTasksLists[1].end) next = next->next;
  pxCurrentTCB = next->owner;
}

#ifdef __arm__
__attribute__((naked)) static void pendsv(void) {
  __asm__("mrs r0, psp\n"
          "tst lr, #0x10\n it eq\n vstmdbeq r0!, {s16-s31}\n"
          "stmdb r0!, {r4-r11, lr}\n"
          "ldr r1, =pxCurrentTCB\n ldr r2, [r1]\n str r0, [r2]\n"
          "bl next_task\n"
          "ldr r1, =pxCurrentTCB\n ldr r2, [r1]\n ldr r0, [r2]\n"
          "ldmia r0!, {r4-r11, lr}\n"
          "tst lr, #0x10\n it eq\n vldmiaeq r0!, {s16-s31}\n"
          "msr psp, r0\n bx lr\n .ltorg");
}

__attribute__((naked)) static void svcall(void) {
  __asm__("ldr r1, =pxCurrentTCB\n ldr r2, [r1]\n ldr r0, [r2]\n"
          "ldmia r0!, {r4-r11, lr}\n msr psp, r0\n bx lr\n .ltorg");
}

static word *prepare(word *top, void (*entry)(void)) {
  *--top = 0x01000000;
  *--top = (word)entry & ~1;
  *--top = 0; /* lr: nobody has called it */
  for (int count = 0; count < 5; count++) *--top = 0;
  *--top = 0xfffffffd;
  for (int count = 0; count < 8; count++) *--top = 0;
  return top;
}
#else
#define EACH(what) \
  what "x5, 8(sp)\n" what "x6, 12(sp)\n" what "x7, 16(sp)\n" what "x8, 20(sp)\n" what "x9, 24(sp)\n" what "x10, 28(sp)\n" what "x11, 32(sp)\n" \
  what "x12, 36(sp)\n" what "x13, 40(sp)\n" what "x14, 44(sp)\n" what "x15, 48(sp)\n" what "x16, 52(sp)\n" what "x17, 56(sp)\n" what "x18, 60(sp)\n" \
  what "x19, 64(sp)\n" what "x20, 68(sp)\n" what "x21, 72(sp)\n" what "x22, 76(sp)\n" what "x23, 80(sp)\n" what "x24, 84(sp)\n" what "x25, 88(sp)\n" \
  what "x26, 92(sp)\n" what "x27, 96(sp)\n" what "x28, 100(sp)\n" what "x29, 104(sp)\n" what "x30, 108(sp)\n" what "x31, 112(sp)\n"

#define RESTORE \
  "lw t1, pxCurrentTCB\n lw sp, 0(t1)\n lw t0, 0(sp)\n csrw mepc, t0\n lw t0, 120(sp)\n csrw mstatus, t0\n lw x1, 4(sp)\n" EACH("lw ") "addi sp, sp, 124\n mret\n"

__attribute__((naked, aligned(4))) static void trap(void) {
  __asm__("addi sp, sp, -124\n sw x1, 4(sp)\n" EACH("sw ")
          "csrr t0, mstatus\n sw t0, 120(sp)\n csrr t0, mepc\n addi t0, t0, 4\n sw t0, 0(sp)\n"
          "lw t0, pxCurrentTCB\n sw sp, 0(t0)\n la sp, stack_top\n call next_task\n" RESTORE);
}

__attribute__((naked)) static void first_task(void) { __asm__(RESTORE); }

static word *prepare(word *top, void (*entry)(void)) {
  top -= 31;
  for (int index = 0; index < 31; index++) top[index] = 0;
  top[0] = (word)entry;
  top[30] = 0x1880; /* MPP, MPIE */
  return top;
}
#endif

static void empty(List *list) {
  list->count = 0;
  list->end.value = ~0ul;
  list->end.next = list->end.previous = (Item *)&list->end;
  list->index = (Item *)&list->end;
}

static void create(int number, const char *name, void (*entry)(void), List *list) {
  Task *task = &tasks[number];
  task->stack = stacks[number];
  task->top = prepare(stacks[number] + 160, entry);
  for (int index = 0; index < 15 && name[index] != 0; index++) task->name[index] = name[index];
  Item *item = &task->state;
  item->owner = task;
  item->container = list;
  item->next = (Item *)&list->end;
  item->previous = list->end.previous;
  list->end.previous->next = item;
  list->end.previous = item;
  list->count++;
}

/* What is kept over a switch is in registers that the port saves. */
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
  empty(&pxReadyTasksLists[0]);
  empty(&pxReadyTasksLists[1]);
  empty(&pxReadyTasksLists[2]);
  empty(&xDelayedTaskList1);
  empty(&xDelayedTaskList2);
  empty(&xSuspendedTaskList);
  create(0, "alpha", alpha, &pxReadyTasksLists[1]);
  create(1, "beta", beta, &pxReadyTasksLists[1]);
  create(2, "gamma", never, &xDelayedTaskList1);
  create(3, "delta<4>", never, &xSuspendedTaskList);
  pxCurrentTCB = &tasks[0];
#ifdef __arm__
  *(volatile word *)0xe000ed88 |= 0xf << 20; /* CPACR: the FPU */
  __asm__ volatile("dsb\nisb\nsvc 0");
#else
  __asm__ volatile("csrw mtvec, %0" : : "r"(trap));
  first_task();
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
