/* What the interpreter in ROM reads of a module (vsoc/src/runtime/interpreter/layout.ts): the same records as the host makes, in the room that firmware gives, and what happens when a counter is used up. */
#include "program.h"

enum { OPERANDS_BYTES = 12, LINK_BYTES = 24 };
enum { OPCODE_LOOP = 0x03, OPCODE_CALL = 0x10, LAST_CALL = 0x13 };

#ifdef __thumb__
enum { STACK_ALIGNMENT = 8, ARGUMENT_WORDS = 4, ENTRY_POINTER = 8 };
enum { TABLES = THUMB2_TABLES, NARROW = THUMB2_NARROW, WIDE = THUMB2_WIDE, GENERAL = THUMB2_GENERAL };
/* mov r12, pc; ldr.w pc, [pc, #4]: r12 is then the descriptor + 4. */
static const uint16_t entry_code[] = {0x46fc, 0xf8df, 0xf004};
#else
enum { STACK_ALIGNMENT = 16, ARGUMENT_WORDS = 8, ENTRY_POINTER = 12 };
enum { TABLES = RV32_TABLES, NARROW = RV32_NARROW, WIDE = RV32_WIDE, GENERAL = RV32_GENERAL };
/* auipc t2, 0; lw t1, 12(t2); jr t1: t2 is then the descriptor. */
static const uint16_t entry_code[] = {0x0397, 0x0000, 0xa303, 0x00c3, 0x0067, 0x0003};
#endif

static void set(void *record, uint32_t offset, uint32_t value) { *(uint32_t *)((uint8_t *)record + offset) = value; }

static uint32_t *slot_of(const struct fireball_program *program, uint32_t function) { return (uint32_t *)(uintptr_t)(program->module.slots + 8 * function); }

static int32_t is_interpreted(const struct fireball_program *program, uint32_t function) {
  return slot_of(program, function)[0] == (word_of(descriptor_of(program, function)) | CODE_BIT);
}

/* --- while it runs --- */

void program_tell(struct fireball_program *program, uint32_t function) {
  if (program->setup->hot != 0) program->setup->hot(program, function);
}

/* A function has been called often. */
static void called(uint32_t *profile) {
  struct fireball_program *program = program_of(profile);
  const uint32_t function = function_of(profile);
  profile[PROFILE_COUNTER] = ENDLESS;
  if (program->setup->calls != 0 && is_interpreted(program, function)) program_tell(program, function);
}

/* What a counter begins with. */
static uint32_t count_of(uint32_t times) { return times == 0 ? ENDLESS : times - 1; }

/* --- making it --- */

/* How values of a type travel. */
static uint32_t *write_shape(struct loading *loading, const struct fireball_type *type) {
  uint32_t registers = 0, words = 0, wide = 0;
  for (; registers < type->parameter_count; registers++) {
    const uint32_t width = words_of(type->parameters[registers]);
    if (words + width > ARGUMENT_WORDS) break;
    if (width == 2) wide |= 1u << registers;
    words += width;
  }
  uint32_t *shape = take_room(loading, SHAPE_RESULT_WORDS + type->result_count);
  if (shape == 0) return 0;
  const uint32_t stack_slots = SLOT_BYTES * (type->parameter_count - registers);
  set(shape, SHAPE_REGISTERS, registers);
  set(shape, SHAPE_WIDE_REGISTERS, wide);
  set(shape, SHAPE_PARAMETERS, SLOT_BYTES * type->parameter_count);
  set(shape, SHAPE_STACK, (stack_slots + 15) & ~15u);
  set(shape, SHAPE_STACK_SLOTS, stack_slots);
  set(shape, SHAPE_RESULTS, type->result_count);
  set(shape, SHAPE_RESULT_AREA, (SLOT_BYTES * (type->result_count + 1) + 15) & ~15u);
  for (uint32_t index = 0; index < type->result_count; index++) ((uint8_t *)shape)[SHAPE_RESULT_WORDS + index] = (uint8_t)words_of(type->results[index]);
  return shape;
}

/* The dispatch tables with addresses: calls and loops count. */
static void write_dispatch(struct loading *loading) {
  const struct core *core = core_of();
  const uint32_t from = address_of(core, core->tables);
  uint32_t *dispatch = take_room(loading, TABLES * TABLE_BYTES);
  if (dispatch == 0) return;
  loading->dispatch = dispatch;
  copy((uint8_t *)dispatch, (const uint8_t *)(uintptr_t)from, TABLES * TABLE_BYTES);
  for (uint32_t table = 0; table < TABLES; table++) {
    uint32_t *entries = dispatch + table * (TABLE_BYTES / 4);
    if (core->split != 0) {
      for (const uint32_t *pair = (const uint32_t *)(uintptr_t)address_of(core, core->split); pair[0] != 0; pair += 2) {
        if (table == NARROW || table == WIDE) entries[pair[0]] = pair[1];
        /* Opcode 0 brings operands to where the two above want them. The general set comes to the wide one by itself. */
        else if (table != GENERAL) entries[pair[0]] = entries[0];
      }
    }
    entries[OPCODE_LOOP] = entries[COUNTED_PLACES];
    for (uint32_t opcode = OPCODE_CALL; opcode <= LAST_CALL; opcode++) entries[opcode] = entries[COUNTED_PLACES + 1 + opcode - OPCODE_CALL];
    for (uint32_t index = 0; index < TABLE_BYTES / 4; index++) entries[index] = (entries[index] + from) | CODE_BIT;
  }
}

void begin_program(struct loading *loading) {
  struct fireball_program *program = loading->program;
  const uint32_t count = program->module.function_count - program->import_count;
  const uint32_t types = program->module.type_count;
  const uint32_t globals = program->module.global_count;
  if (!is_fine(loading)) return;
  loading->shapes = take_room(loading, 8 * types);
  program->entry_shapes = loading->shapes + types;
  program->descriptors = take_room(loading, DESCRIPTOR_BYTES * count);
  program->profiles = take_room(loading, 4 * PROFILE_WORDS * count);
  uint8_t *record = take_room(loading, RECORD_BYTES + 4 * globals);
  write_dispatch(loading);
  if (!is_fine(loading)) return;
  loading->record = (uint32_t *)(record + RECORD_BYTES);
  for (uint32_t index = 0; index < types && is_fine(loading); index++) loading->shapes[index] = word_of(write_shape(loading, &loading->types[index]));
  for (uint32_t index = 0; index < globals; index++) loading->record[index] = loading->globals[index].address;
}

/* Where native code may take over, it is called with one operand more, and gives its results on top of those that are there. */
static uint32_t frame_bytes(struct loading *loading, uint32_t type, uint32_t height, uint32_t loops) {
  if (loops > 0) {
    const uint8_t frame = I32;
    const struct fireball_type entry = {&frame, 1, loading->types[type].results, loading->types[type].result_count, 0};
    uint32_t *shape = &loading->shapes[loading->program->module.type_count + type];
    if (*shape == 0) *shape = word_of(write_shape(loading, &entry));
    height += 1 + entry.result_count;
  }
  const uint32_t bytes = LINK_BYTES + SLOT_BYTES * (loading->local_count + 1 + height);
  return ((bytes + STACK_ALIGNMENT - 1) & ~(uint32_t)(STACK_ALIGNMENT - 1)) - LINK_BYTES;
}

/* The rows of the core of validation, with addresses, and behind them the loops. Returns where they begin, and the bytes of the function's frame. */
static uint32_t *write_jumps(struct loading *loading, uint32_t function, uint32_t *frame) {
  const struct core *core = core_of();
  const struct fireball_program *program = loading->program;
  const uint32_t body = load(core, V_BODIES);
  const uint32_t count = load(core, body + V_JUMPS_FIELD + 4);
  const uint32_t *first = word_at(core, load(core, V_JUMPS) + 4 * load(core, body + V_JUMPS_FIELD));
  const uint32_t *row = first;
  const uint32_t wasm = word_of(loading->setup->wasm);
  const uint32_t type = loading->functions[function];
  uint32_t loops = 0;
  for (uint32_t index = 0; index < count; index++) loops += first[V_JUMP_COLUMNS * index + V_JUMP_NEXT] == V_LOOP_ARRIVAL;
  uint32_t *side = take_room(loading, ENTRY_BYTES * (count + 1) + loops * sizeof(struct loop));
  *frame = frame_bytes(loading, type, load(core, body + V_HEIGHT_FIELD), loops);
  if (!is_fine(loading)) return 0;
  side[2 * count] = *frame;
  side[2 * count + 1] = loading->types[type].result_count;
  struct loop *loop = (struct loop *)(side + 2 * (count + 1));
  if (loops > 0) profile_of(program, function)[PROFILE_LOOPS] = word_of(loop);
  for (uint32_t index = 0; index < count; index++, row += V_JUMP_COLUMNS) {
    uint32_t *entry = side + 2 * index;
    if (row[V_JUMP_NEXT] == V_LOOP_ARRIVAL) {
      *loop = (struct loop){count_of(loading->setup->arrivals), word_of(profile_of(program, function)) | (--loops == 0), row[V_JUMP_TO], 0};
      entry[0] = word_of(loop++);
      continue;
    }
    const uint32_t next = word_of(side + 2 * row[V_JUMP_NEXT]);
    entry[0] = wasm + row[V_JUMP_TO];
    entry[1] = next;
    if (row[V_JUMP_DROPPED] == 0) continue;
    uint32_t *operands = take_room(loading, OPERANDS_BYTES);
    if (operands == 0) return 0;
    operands[0] = next;
    operands[1] = SLOT_BYTES * row[V_JUMP_DROPPED];
    operands[2] = SLOT_BYTES * row[V_JUMP_KEPT];
    entry[1] = word_of(operands) | 1;
  }
  return side;
}

void write_function(struct loading *loading, uint32_t function, const struct fireball_body *body, uint32_t start) {
  const struct core *core = core_of();
  struct fireball_program *program = loading->program;
  const uint32_t row = load(core, V_BODIES);
  const uint32_t flags = load(core, row + V_FLAGS_FIELD);
  const uint32_t type = loading->functions[function];
  const uint32_t parameters = loading->types[type].parameter_count;
  const uint32_t table = (flags & V_HAS_LONG_IMMEDIATES) != 0 ? GENERAL : (flags & V_HAS_WIDE_VALUES) != 0 ? WIDE : NARROW;
  uint8_t *descriptor = descriptor_of(program, function);
  uint32_t *profile = profile_of(program, function);
  uint32_t frame;
  const uint32_t *side = write_jumps(loading, function, &frame);
  if (side == 0) return;
  loading->grows |= (flags & V_HAS_MEMORY_GROW) != 0;
  copy(descriptor, (const uint8_t *)entry_code, sizeof entry_code);
  set(descriptor, ENTRY_POINTER, address_of(core, core->entry) | CODE_BIT);
  set(descriptor, D_CODE, word_of(program->setup->wasm) + start);
  set(descriptor, D_SIDE, word_of(side));
  set(descriptor, D_TABLE, word_of(loading->dispatch) + table * TABLE_BYTES);
  set(descriptor, D_END, word_of(body->bytes) + body->length - 1);
  set(descriptor, D_FRAME, frame);
  set(descriptor, D_PARAMETERS, SLOT_BYTES * parameters);
  set(descriptor, D_ZERO, SLOT_BYTES * (loading->local_count - parameters));
  set(descriptor, D_SHAPE, loading->shapes[type]);
  set(descriptor, D_INSTANCE, word_of(loading->record));
  set(descriptor, D_PROFILE, word_of(profile));
  profile[PROFILE_COUNTER] = count_of(program->setup->calls);
  profile[PROFILE_PROGRAM] = word_of(program);
  slot_of(program, function)[0] = word_of(descriptor) | CODE_BIT;
}

/* --- what instructions work on --- */

/* A pair of records: the same pair is made once. */
static uint32_t pair_of(struct fireball_program *program, uint32_t first, uint32_t second) {
  const struct fireball_setup *setup = program->setup;
  for (const uint32_t *pair = program->pairs; pair != 0; pair = (const uint32_t *)(uintptr_t)pair[2])
    if (pair[0] == first && pair[1] == second) return word_of(pair);
  const uint32_t begin = (program->room_used + 7) & ~7u;
  if (begin > setup->room_bytes || setup->room_bytes - begin < 16) return 0;
  program->room_used = begin + 16;
  uint32_t *pair = (uint32_t *)((uint8_t *)setup->room + begin);
  pair[0] = first;
  pair[1] = second;
  pair[2] = word_of(program->pairs);
  program->pairs = pair;
  return word_of(pair);
}

static uint32_t operand(const struct fireball_module *module, uint32_t operation, uint32_t a, uint32_t b) {
  enum { TABLE_GET = 0x25, TABLE_SET = 0x26, MEMORY_GROW = 0x40, MEMORY_INIT = 0x108, DATA_DROP, MEMORY_COPY, MEMORY_FILL, TABLE_INIT, ELEMENT_DROP, TABLE_COPY, TABLE_GROW, TABLE_SIZE, TABLE_FILL };
  /* It is the first field. */
  struct fireball_program *program = (struct fireball_program *)(uintptr_t)word_of(module);
  switch (operation) {
    case MEMORY_GROW:
    case MEMORY_COPY:
    case MEMORY_FILL: return module->memory_record;
    case TABLE_GET:
    case TABLE_SET:
    case TABLE_GROW:
    case TABLE_SIZE:
    case TABLE_FILL: return module->tables[a].record;
    case DATA_DROP: return program->data_records + 8 * a;
    case ELEMENT_DROP: return program->element_records + 8 * a;
    case MEMORY_INIT: return pair_of(program, module->memory_record, program->data_records + 8 * a);
    case TABLE_INIT: return pair_of(program, module->tables[b].record, program->element_records + 8 * a);
    case TABLE_COPY: return pair_of(program, module->tables[a].record, module->tables[b].record);
    default: return 0;
  }
}

/* Addresses of `count` records, `stride` bytes apart. */
static uint32_t write_list(struct loading *loading, uint32_t first, uint32_t count, uint32_t stride) {
  uint32_t *list = take_room(loading, 4 * count);
  for (uint32_t index = 0; list != 0 && index < count; index++) list[index] = first + stride * index;
  return word_of(list);
}

static void set_field(struct loading *loading, uint32_t distance, uint32_t value) { *(uint32_t *)((uint8_t *)loading->record - distance) = value; }

static uint32_t most_result_words(const struct fireball_module *module) {
  uint32_t most = 0;
  for (uint32_t index = 0; index < module->type_count; index++)
    if (module->types[index].result_count > most) most = module->types[index].result_count;
  return 2 * most;
}

/* For modules that have a memory which may grow: its exact bounds check. One that nobody here lets grow keeps its size from now on, so that code may take that for a constant. */
static void write_bounds(struct loading *loading) {
  struct fireball_module *module = &loading->program->module;
  uint32_t *record = (uint32_t *)(uintptr_t)module->memory_record;
  if (record == 0) return;
  const uint32_t pages = record[0] / record[3];
  if (!loading->imports_memory && !loading->grows && loading->setup->memory_grows == 0) record[2] = pages;
  if (record[2] == pages && !loading->grows) return;
  uint32_t *bounds = take_room(loading, core_of()->bounds_bytes);
  if (bounds == 0) return;
  fireball_core_bounds(bounds, module->memory_record);
  module->bounds = word_of(bounds);
}

void end_program(struct loading *loading) {
  const struct core *core = core_of();
  struct fireball_program *program = loading->program;
  struct fireball_module *module = &program->module;
  module->operand = operand;
  program->data_records = word_of(loading->data);
  program->element_records = word_of(loading->elements);
  module->result_buffer = word_of(take_room(loading, 4 * most_result_words(module)));
  write_bounds(loading);
  /* A module without functions has no record. */
  if (loading->record == 0 || !is_fine(loading)) return;
  const uint32_t type_numbers = word_of(take_room(loading, 4 * module->type_count));
  const uint32_t function_shapes = word_of(take_room(loading, 4 * module->function_count));
  uint32_t *no_memory = take_room(loading, 16);
  uint32_t *context = take_room(loading, 4);
  if (!is_fine(loading)) return;
  for (uint32_t index = 0; index < module->type_count; index++) ((uint32_t *)(uintptr_t)type_numbers)[index] = module->types[index].number;
  for (uint32_t index = 0; index < module->function_count; index++) ((uint32_t *)(uintptr_t)function_shapes)[index] = loading->shapes[loading->functions[index]];
  set_field(loading, I_MEMORY, module->memory_record != 0 ? module->memory_record : word_of(no_memory));
  set_field(loading, I_STACK_LIMIT, module->stack_limit);
  set_field(loading, I_SLOTS, write_list(loading, module->slots, module->function_count, 8));
  set_field(loading, I_ENTRIES, word_of(program->descriptors) | CODE_BIT);
  set_field(loading, I_ENTRY_BYTES, DESCRIPTOR_BYTES * (module->function_count - program->import_count));
  set_field(loading, I_TYPES, type_numbers);
  set_field(loading, I_TYPE_SHAPES, word_of(loading->shapes));
  set_field(loading, I_FUNCTION_SHAPES, function_shapes);
  uint32_t *tables = take_room(loading, 4 * module->table_count);
  for (uint32_t index = 0; tables != 0 && index < module->table_count; index++) tables[index] = module->tables[index].record;
  set_field(loading, I_TABLES, word_of(tables));
  set_field(loading, I_DATA, write_list(loading, program->data_records, loading->data_count, 8));
  set_field(loading, I_ELEMENTS, write_list(loading, program->element_records, loading->element_count, 8));
  set_field(loading, I_RESULT_BUFFER, module->result_buffer);
  set_field(loading, I_GROW, address_of(core, core->grow) | CODE_BIT);
  set_field(loading, I_CONTEXT, word_of(context));
  set_field(loading, I_LOOP_SERVICE, (uint32_t)(uintptr_t)core_loop_service);
  set_field(loading, I_CALL_SERVICE, (uint32_t)(uintptr_t)called);
}

/* --- what firmware calls --- */

uint32_t fireball_program_export(const struct fireball_program *program, const char *name) {
  const struct fireball_setup *setup = program->setup;
  struct reader reader = {setup->wasm, program->exports, setup->wasm + setup->wasm_bytes, FIREBALL_DONE, 0};
  if (program->exports == 0) return FIREBALL_NO_FUNCTION;
  for (uint32_t left = reader_u32(&reader); left > 0; left--) {
    uint32_t length;
    const uint8_t *text = reader_name(&reader, &length);
    const uint32_t kind = reader_byte(&reader);
    const uint32_t item = reader_u32(&reader);
    uint32_t index = 0;
    while (index < length && name[index] != 0 && (uint8_t)name[index] == text[index]) index++;
    if (kind == 0 && index == length && name[index] == 0) return item;
  }
  return FIREBALL_NO_FUNCTION;
}

int32_t fireball_program_compile(struct fireball_program *program, uint32_t function, struct fireball_code *code) {
  const struct fireball_body *body = &program->bodies[function - program->import_count];
  struct loop *loops = (struct loop *)(uintptr_t)profile_of(program, function)[PROFILE_LOOPS];
  const int32_t outcome = core_compile(function, body->bytes, body->length, body->offset, code, loops, loops_enter);
  if (loops == 0) return outcome;
  /* The next one may have no loops at all. */
  store(core_of(), core_of()->layout[ENTERED_COUNT], 0);
  return outcome == FIREBALL_DONE ? loops_note(loops, &code->entries) : outcome;
}

int32_t fireball_program_install(struct fireball_program *program, uint32_t function, const uint32_t *code) {
  profile_of(program, function)[PROFILE_COUNTER] = ENDLESS;
  loops_install((struct loop *)(uintptr_t)profile_of(program, function)[PROFILE_LOOPS], word_of(code));
  slot_of(program, function)[0] = word_of(code) | CODE_BIT;
  return FIREBALL_DONE;
}
