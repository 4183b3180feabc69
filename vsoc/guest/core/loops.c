/* Entries at loops: an activation that the interpreter has begun goes on in native code (jit/ABI.md, "On-stack replacement"). */
#include "program.h"

/* Has been asked for, but is not there. */
enum { IS_ASKED = 1 };
/* After so many arrivals the interpreter looks whether an entry has come meanwhile: what is written to a counter may get lost, if that happens while it counts. */
enum { LOOK_AGAIN = 4096 };

/* Null behind the function's last one. */
static struct loop *next_loop(struct loop *loop) { return (loop->profile & 1) != 0 ? 0 : loop + 1; }

static uint32_t word_in(const uint8_t *record, uint32_t offset) { return *(const uint32_t *)(record + offset); }

void core_looped(struct loop *loop, uint32_t replacement[4]) {
  const uint32_t *profile = (const uint32_t *)(uintptr_t)(loop->profile & ~1u);
  struct fireball_program *program = program_of(profile);
  const uint32_t function = function_of(profile);
  replacement[0] = 0;
  loop->left = LOOK_AGAIN;
  if (loop->entry == 0) {
    if (program->setup->arrivals == 0) return;
    loop->entry = IS_ASKED;
    program_tell(program, function);
  }
  if ((loop->entry & 1) != 0) return;
  /* The next activation that comes here goes on at once. */
  loop->left = 0;
  const uint8_t *descriptor = descriptor_of(program, function);
  replacement[0] = loop->entry | CODE_BIT;
  replacement[1] = program->entry_shapes[program->module.functions[function]];
  replacement[2] = profile[PROFILE_LOOPS] - ENTRY_BYTES;
  replacement[3] = word_in(descriptor, D_PARAMETERS) + word_in(descriptor, D_ZERO);
}

int32_t loops_enter(struct loop *first) {
  const struct core *core = core_of();
  uint32_t asked = 0, list;
  for (struct loop *loop = first; loop != 0; loop = next_loop(loop)) asked += loop->entry != 0;
  if (!core_call_with(core, core->allocate, 4 * asked, &list)) return FIREBALL_TRAPPED;
  if (list == 0) return FIREBALL_TOO_LARGE;
  store(core, core->layout[ENTERED_LOOPS], list);
  store(core, core->layout[ENTERED_COUNT], asked);
  struct loop *loop = first;
  if (load(core, core->layout[IS_BASELINE]) != 0) {
    for (; loop != 0; loop = next_loop(loop))
      if (loop->entry != 0) {
        store(core, list, loop->offset);
        list += 4;
      }
    return FIREBALL_DONE;
  }
  uint32_t record = load(core, core->layout[RECORDS]);
  for (uint32_t index = 0; asked > 0; index++, record += core->layout[RECORD_STRIDE]) {
    if ((load(core, record + core->layout[CLASS_FIELD]) & 0xff) != core->layout[LOOP_CLASS] || load(core, record + core->layout[OFFSET_FIELD]) != loop->offset) continue;
    if (loop->entry != 0) {
      store(core, list, index);
      list += 4;
      asked--;
    }
    loop = next_loop(loop);
  }
  return FIREBALL_DONE;
}

/* Of a loop's header, by what the compiler has noted of it: the optimizing one its number among instructions, the baseline one its offset in the module. */
static uint32_t header_offset(const struct core *core, uint32_t index) {
  if (load(core, core->layout[IS_BASELINE]) != 0) return index;
  return load(core, load(core, core->layout[RECORDS]) + index * core->layout[RECORD_STRIDE] + core->layout[OFFSET_FIELD]);
}

int32_t loops_note(struct loop *first, uint32_t *count) {
  const struct core *core = core_of();
  for (struct loop *loop = first; loop != 0; loop = next_loop(loop))
    if (loop->entry != 0) loop->entry = IS_ASKED;
  struct loop *loop = first;
  for (uint32_t row = load(core, core->layout[HEADERS]); row < load(core, core->layout[HEADERS_END]); row += core->layout[HEADER_STRIDE]) {
    const uint32_t offset = header_offset(core, load(core, row + core->layout[HEADER_INDEX]));
    uint32_t distance;
    if (!core_call_with(core, core->label_offset, load(core, row + core->layout[HEADER_ENTRY]), &distance)) return FIREBALL_TRAPPED;
    while (loop->offset != offset) loop = next_loop(loop);
    loop->entry = distance | 1;
    (*count)++;
  }
  return FIREBALL_DONE;
}

void loops_install(struct loop *first, uint32_t code) {
  for (struct loop *loop = first; loop != 0; loop = next_loop(loop)) {
    if (loop->entry <= IS_ASKED) continue;
    if ((loop->entry & 1) != 0) loop->entry = code + (loop->entry & ~1u);
    loop->left = 0;
  }
}
