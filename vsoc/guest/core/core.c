/* What firmware calls of the compiler. Without variables: everything that stays is in the compiler's RAM. Names in `layout` are of addresses in its linear memory (jit/src/core/layout), and the builder has their numbers from the same list. */
#include "core.h"

enum { MEMORY_GROW = 0x40 };

/* A length of which a token has four bits. */
static uint32_t length_of(const uint8_t **from, uint32_t in_token) {
  uint32_t length = in_token;
  if (in_token == 15) {
    uint32_t more;
    do length += more = *(*from)++;
    while (more == 255);
  }
  return length;
}

void core_unpack(uint8_t *into, const uint8_t *from, uint32_t bytes) {
  const uint8_t *end = into + bytes;
  for (;;) {
    const uint32_t token = *from++;
    const uint32_t literals = length_of(&from, token >> 4);
    copy(into, from, literals);
    into += literals;
    from += literals;
    if (into == end) return;
    const uint8_t *match = into - (from[0] | from[1] << 8);
    from += 2;
    const uint32_t length = length_of(&from, token & 15) + 4;
    copy(into, match, length);
    into += length;
  }
}

int32_t core_call(const struct core *core, int32_t function, const uint32_t arguments[4], uint32_t *result) {
  const uint64_t outcome = core_enter(address_of(core, function), arguments, core->state, core->stack_top);
  *result = (uint32_t)outcome;
  if (outcome >> 32 == 0) return 1;
  core->state->progress = 0;
  return 0;
}

int32_t core_call_with(const struct core *core, int32_t function, uint32_t argument, uint32_t *result) {
  const uint32_t arguments[4] = {argument, 0, 0, 0};
  return core_call(core, function, arguments, result);
}

int32_t fireball_core_init(void) {
  const struct core *core = core_of();
  core_unpack(core->memory, (const uint8_t *)(uintptr_t)address_of(core, core->contents), core->contents_bytes);
  core->record[0] = core->memory_bytes;
  core->record[1] = (uint32_t)(uintptr_t)core->memory;
  core->record[2] = core->memory_bytes >> 16;
  core->record[3] = 0x10000;
  core->state->sp = 0;
  core->state->progress = STATE_READY;
  return FIREBALL_DONE;
}

static uint32_t signature_bytes(const struct fireball_type *type) { return 4 * (3 + type->parameter_count + type->result_count); }

/* Returns the address behind it. */
static uint32_t write_signature(const struct core *core, uint32_t at, const struct fireball_type *type) {
  uint32_t words = 0;
  uint32_t next = at + 12;
  for (uint32_t index = 0; index < type->result_count; index++, next += 4) store(core, next, words_of(type->results[index]));
  for (uint32_t index = 0; index < type->parameter_count; index++, next += 4) {
    const uint32_t width = words_of(type->parameters[index]);
    store(core, next, width);
    words += width;
  }
  store(core, at, words);
  store(core, at + 4, type->parameter_count);
  store(core, at + 8, type->result_count);
  return next;
}

static void write_simple(const struct core *core, uint32_t at, uint32_t type) {
  const uint8_t result = (uint8_t)type;
  const struct fireball_type simple = {0, 0, &result, type == 0 ? 0 : 1, 0};
  write_signature(core, at, &simple);
}

static void write_pair(const struct core *core, uint32_t at, uint32_t first, uint32_t second) {
  store(core, at, first);
  store(core, at + 4, second);
}

/* Where the signature of a type is, behind the beginning of the module. */
static uint32_t signature_place(const struct core *core, const struct fireball_module *module, uint32_t type) {
  uint32_t place = core->layout[MODULE_END];
  for (uint32_t index = 0; index < type; index++) place += signature_bytes(&module->types[index]);
  return place;
}

static void write_module(const struct core *core, uint32_t at, const struct fireball_module *module) {
  for (uint32_t address = 0; address < core->layout[MODULE_END]; address += 4) store(core, at + address, 0);
  const int32_t *routine = (const int32_t *)(uintptr_t)address_of(core, core->routines);
  for (uint32_t index = 0; index < core->routine_count; index++, routine += 2)
    if (routine[0] != MEMORY_GROW || module->bounds != 0) store(core, at + 4 * (uint32_t)routine[0], address_of(core, routine[1]));
  write_simple(core, at + core->layout[EMPTY_SIGNATURE], 0);
  write_simple(core, at + core->layout[WORD_SIGNATURE], 0x7f);
  write_simple(core, at + core->layout[PAIR_SIGNATURE], I64);
  uint32_t next = at + core->layout[MODULE_END];
  for (uint32_t index = 0; index < module->type_count; index++) next = write_signature(core, next, &module->types[index]);
  store(core, at + core->layout[FUNCTION_ROWS], next - at);
  for (uint32_t index = 0; index < module->function_count; index++, next += 8)
    write_pair(core, next, signature_place(core, module, module->functions[index]), module->slots + 8 * index);
  store(core, at + core->layout[TYPE_ROWS], next - at);
  for (uint32_t index = 0; index < module->type_count; index++, next += 8) write_pair(core, next, signature_place(core, module, index), module->types[index].number);
  store(core, at + core->layout[GLOBAL_ROWS], next - at);
  for (uint32_t index = 0; index < module->global_count; index++, next += 8)
    write_pair(core, next, words_of(module->globals[index].type), module->globals[index].address);
  store(core, at + core->layout[TABLE_ROWS], next - at);
  for (uint32_t index = 0; index < module->table_count; index++, next += 16) {
    const struct fireball_table *table = &module->tables[index];
    const uint32_t *record = (const uint32_t *)(uintptr_t)table->record;
    write_pair(core, next, table->record, table->elements);
    /* Tables never shrink: one of the most elements that it may have stays as it is. */
    write_pair(core, next + 8, record[0] == record[1] ? record[0] : 0, 0);
  }
}

static void write_environment(const struct core *core, uint32_t at, const struct fireball_module *module) {
  const uint32_t *record = (const uint32_t *)(uintptr_t)module->memory_record;
  const uint32_t bytes = record == 0 ? 0 : record[0];
  store(core, core->layout[HAS_MEMORY], record != 0);
  store(core, core->layout[MEMORY_BASE], record == 0 ? 0 : record[1]);
  store(core, core->layout[HAS_BYTES], bytes > 0);
  store(core, core->layout[LAST_BYTE], bytes - 1);
  store(core, core->layout[IS_FIXED], record != 0 && module->bounds == 0);
  store(core, core->layout[BOUNDS_ROUTINE], module->bounds);
  store(core, core->layout[MEMORY_RECORD], module->memory_record);
  store(core, core->layout[PAGE_SHIFT], record != 0 && record[3] == 1 ? 0 : 16);
  store(core, core->layout[RESULT_BUFFER], module->result_buffer);
  store(core, core->layout[STACK_LIMIT], module->stack_limit);
  store(core, core->layout[FAR_ROUTINES], module->is_near == 0);
  store(core, core->layout[MODULE_WORDS], at);
}

int32_t fireball_core_module(const struct fireball_module *module) {
  const struct core *core = core_of();
  if (core->state->progress < STATE_READY) return FIREBALL_NOT_READY;
  const uint32_t rows = module->function_count + module->type_count + module->global_count + 2 * module->table_count;
  const uint32_t bytes = signature_place(core, module, module->type_count) + 8 * rows;
  uint32_t has_room;
  if (!core_call_with(core, core->make_room, core->contents_bytes - core->layout[HEAP_START] + bytes, &has_room)) return FIREBALL_TRAPPED;
  if (has_room == 0) {
    core->state->progress = STATE_READY;
    return FIREBALL_TOO_LARGE;
  }
  write_module(core, core->contents_bytes, module);
  write_environment(core, core->contents_bytes, module);
  core->state->module = module;
  core->state->progress = STATE_MODULE;
  return FIREBALL_DONE;
}

/* Names what the compiler has asked for. */
static int32_t name_operands(const struct core *core) {
  const struct fireball_module *module = core->state->module;
  for (uint32_t row = load(core, core->layout[ASKED]); row < load(core, core->layout[ASKED] + 4); row += 4) {
    const uint32_t record = load(core, row);
    const uint32_t address = module->operand == 0 ? 0 : module->operand(module, load(core, record + core->layout[OPERATION_FIELD]), load(core, record + core->layout[A_FIELD]), load(core, record + core->layout[B_FIELD]));
    if (address == 0) {
      store(core, core->layout[FAILED_AT], load(core, record + core->layout[OFFSET_FIELD]));
      return FIREBALL_UNNAMED;
    }
    store(core, record + core->layout[ADDRESS_FIELD], address);
  }
  return FIREBALL_DONE;
}

static void set_halfword(uint8_t *at, uint32_t value) {
  at[0] = (uint8_t)value;
  at[1] = (uint8_t)(value >> 8);
}

#ifdef __thumb__
/* MOVW or MOVT (Armv7-M ARM, A7.7.76, A7.7.79): i, imm4; imm3, imm8 around the register. */
static void set_immediate(uint8_t *at, uint32_t value) {
  set_halfword(at, (at[0] & 0xf0u) | (uint32_t)(at[1] & 0xfb) << 8 | (value >> 11 & 1) << 10 | value >> 12);
  set_halfword(at + 2, (value & 0xff) | (uint32_t)(at[3] & 0x8f) << 8 | (value >> 8 & 7) << 12);
}
#endif

int32_t fireball_core_bounds(uint32_t *into, uint32_t memory_record) {
  const struct core *core = core_of();
  uint8_t *bytes = (uint8_t *)into;
  copy(bytes, (const uint8_t *)(uintptr_t)address_of(core, core->bounds), core->bounds_bytes);
  uint8_t *low = bytes + core->bounds_low;
  uint8_t *high = bytes + core->bounds_high;
#ifdef __thumb__
  set_immediate(low, memory_record & 0xffff);
  set_immediate(high, memory_record >> 16);
#else
  /* LW, with a sign, behind LUI. */
  set_halfword(low + 2, (low[2] & 0x0fu) | (memory_record & 0xfff) << 4);
  const uint32_t upper = memory_record + 0x800;
  set_halfword(high, high[0] | (uint32_t)(high[1] & 0x0f) << 8 | (upper & 0xf000));
  set_halfword(high + 2, upper >> 16);
#endif
  return FIREBALL_DONE;
}

int32_t core_compile(uint32_t function, const uint8_t *body, uint32_t bytes, uint32_t offset, struct fireball_code *code, struct loop *loops, int32_t (*enter)(struct loop *loops)) {
  const struct core *core = core_of();
  uint32_t at, outcome;
  code->bytes = code->crc = code->offset = code->entries = 0;
  if (core->state->progress < STATE_MODULE) return FIREBALL_NOT_READY;
  core->state->progress = STATE_MODULE;
  if (!core_call_with(core, core->reset, 0, &at)) return FIREBALL_TRAPPED;
  if (!core_call_with(core, core->allocate, bytes, &at)) return FIREBALL_TRAPPED;
  if (at == 0) return FIREBALL_TOO_LARGE;
  copy(core->memory + at, body, bytes);
  const uint32_t arguments[4] = {function, at, at + bytes, offset};
  if (!core_call(core, core->read_function, arguments, &outcome)) return FIREBALL_TRAPPED;
  if (outcome == FIREBALL_UNNAMED) outcome = (uint32_t)name_operands(core);
  if (outcome == FIREBALL_DONE && loops != 0) outcome = (uint32_t)enter(loops);
  if (outcome == FIREBALL_DONE && !core_call_with(core, core->compile_function, 0, &outcome)) return FIREBALL_TRAPPED;
  code->offset = load(core, core->layout[FAILED_AT]);
  if (outcome != FIREBALL_DONE) return (int32_t)outcome;
  code->bytes = load(core, core->layout[CODE_SIZE]);
  core->state->progress = STATE_COMPILED;
  return FIREBALL_DONE;
}

int32_t fireball_core_compile(uint32_t function, const uint8_t *body, uint32_t bytes, uint32_t offset, struct fireball_code *code) {
  return core_compile(function, body, bytes, offset, code, 0, 0);
}

int32_t fireball_core_place(uint32_t *into, struct fireball_code *code) {
  const struct core *core = core_of();
  uint32_t outcome;
  if (core->state->progress < STATE_COMPILED) return FIREBALL_NOT_READY;
  core->state->progress = STATE_MODULE;
  const uint32_t bounds = core->state->module->bounds;
  uint32_t entries;
  if (!core_call_with(core, core->allocate, 16, &entries)) return FIREBALL_TRAPPED;
  if (entries == 0) return FIREBALL_TOO_LARGE;
  write_pair(core, entries, address_of(core, core->routines_begin), address_of(core, core->routines_end));
  write_pair(core, entries + 8, bounds, bounds + core->bounds_bytes);
  store(core, core->layout[ENTRIES], entries);
  store(core, core->layout[ENTRY_COUNT], bounds == 0 ? 1 : 2);
  if (!core_call_with(core, core->place_function, (uint32_t)(uintptr_t)into, &outcome)) return FIREBALL_TRAPPED;
  if (outcome != FIREBALL_DONE) return (int32_t)outcome;
  const uint32_t begin = load(core, core->layout[CODE]);
  const uint32_t size = load(core, core->layout[CODE_SIZE]);
  const uint32_t bytes[4] = {begin, begin + size, 0, 0};
  if (!core_call(core, core->crc32, bytes, &code->crc)) return FIREBALL_TRAPPED;
  copy((uint8_t *)into, core->memory + begin, size);
  return FIREBALL_DONE;
}

uint32_t fireball_core_fault(uint32_t pc) {
  const struct core *core = core_of();
  if (core->state->sp == 0 || pc - address_of(core, core->image_begin) >= (uint32_t)(core->image_end - core->image_begin)) return 0;
  return core_landing();
}
