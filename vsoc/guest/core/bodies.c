/*
 * Hands bodies to the core of validation (packages/wasm/src/core), which is a module of WebAssembly in the compiler's RAM: writes there what the host writes of a module (packages/wasm/src/validate/bodies.ts).
 * Names that begin with V_ are of its layout.
 */
#include "loading.h"

/* More than the largest instruction may be read behind a body. */
enum { READ_BEHIND = 32, MOST_OPERANDS = 0x10000 };

static uint32_t code_of(uint32_t type) { return type >= F64 ? 0x80 - type : type == FUNCREF ? V_FUNCREF : V_EXTERNREF; }

/* So many bytes of the memory; 0 where they are not there. */
static uint32_t take(struct loading *loading, uint32_t bytes) {
  const struct core *core = core_of();
  uint32_t at = 0;
  if (!is_fine(loading)) return 0;
  if (!core_call_with(core, core->bodies_allocate, bytes, &at)) reader_fail(&loading->reader, FIREBALL_TRAPPED);
  else if (at == 0) reader_fail(&loading->reader, FIREBALL_TOO_LARGE);
  return at;
}

/* Codes of the types of globals; of those that can be set only, 0 for the others. */
static uint32_t write_globals(struct loading *loading, int32_t only_mutable) {
  const struct core *core = core_of();
  const uint32_t count = loading->program->module.global_count;
  const uint32_t at = take(loading, count);
  for (uint32_t index = 0; at != 0 && index < count; index++)
    core->memory[at + index] = (uint8_t)(only_mutable && !loading->mutable_globals[index] ? 0 : code_of(loading->globals[index].type));
  return at;
}

static uint32_t write_types(struct loading *loading, const uint8_t *types, uint32_t count) {
  const struct core *core = core_of();
  const uint32_t at = take(loading, count);
  for (uint32_t index = 0; at != 0 && index < count; index++) core->memory[at + index] = (uint8_t)code_of(types[index]);
  return at;
}

/* Lists of types, by number: none, each type alone, and those that the module has; equal ones have one number. */
struct lists {
  uint32_t rows;
  uint32_t count;
  uint32_t longest;
};

static uint32_t list_of(struct loading *loading, struct lists *lists, const uint8_t *types, uint32_t length) {
  const struct core *core = core_of();
  if (length < 2) return length == 0 ? V_EMPTY_LIST : code_of(types[0]);
  if (length > lists->longest) lists->longest = length;
  const uint32_t at = write_types(loading, types, length);
  if (at == 0) return 0;
  for (uint32_t list = V_LAST_SINGLE + 1; list < lists->count; list++) {
    const uint32_t row = lists->rows + 8 * list;
    uint32_t same = load(core, row + 4) == length;
    for (uint32_t index = 0; same && index < length; index++) same = core->memory[load(core, row) + index] == core->memory[at + index];
    if (same) return list;
  }
  const uint32_t row = lists->rows + 8 * lists->count;
  store(core, row, at);
  store(core, row + 4, length);
  return lists->count++;
}

/* Pairs of lists, by the number of the signature: blocks without parameters and with one result at most, then the module's types, then bodies of functions of these types. */
static void write_signatures(struct loading *loading, struct lists *lists) {
  const struct core *core = core_of();
  const uint32_t count = loading->program->module.type_count;
  const uint32_t signatures = take(loading, 8 * (V_FIRST_TYPE_SIGNATURE + 2 * count));
  const uint32_t singles = take(loading, V_LAST_SINGLE + 1);
  lists->rows = take(loading, 8 * (V_LAST_SINGLE + 1 + 2 * count));
  lists->count = V_LAST_SINGLE + 1;
  lists->longest = 1;
  if (!is_fine(loading)) return;
  for (uint32_t code = 0; code <= V_LAST_SINGLE; code++) {
    core->memory[singles + code] = (uint8_t)code;
    store(core, lists->rows + 8 * code, singles + code);
    store(core, lists->rows + 8 * code + 4, code == 0 ? 0 : 1);
    store(core, signatures + 8 * code, V_EMPTY_LIST);
    store(core, signatures + 8 * code + 4, code);
  }
  for (uint32_t index = 0; index < count && is_fine(loading); index++) {
    const struct fireball_type *type = &loading->types[index];
    const uint32_t at = signatures + 8 * (V_FIRST_TYPE_SIGNATURE + index);
    const uint32_t results = list_of(loading, lists, type->results, type->result_count);
    store(core, at, list_of(loading, lists, type->parameters, type->parameter_count));
    store(core, at + 4, results);
    store(core, at + 8 * count, V_EMPTY_LIST);
    store(core, at + 8 * count + 4, results);
  }
  store(core, V_SIGNATURES, signatures);
  store(core, V_LISTS, lists->rows);
}

void begin_bodies(struct loading *loading, uint32_t longest) {
  const struct core *core = core_of();
  const struct fireball_module *module = &loading->program->module;
  uint32_t ignored;
  struct lists lists;
  core->record[0] = core->memory_bytes;
  core->record[1] = (uint32_t)(uintptr_t)core->memory;
  core->record[2] = core->memory_bytes >> 16;
  core->record[3] = 0x10000;
  core->state->sp = 0;
  core_unpack(core->memory, (const uint8_t *)(uintptr_t)address_of(core, core->bodies_contents), core->bodies_contents_bytes);
  if (!core_call_with(core, core->bodies_reset, 0, &ignored)) {
    reader_fail(&loading->reader, FIREBALL_TRAPPED);
    return;
  }
  write_signatures(loading, &lists);
  const uint32_t functions = take(loading, 4 * module->function_count);
  for (uint32_t index = 0; functions != 0 && index < module->function_count; index++)
    store(core, functions + 4 * index, V_FIRST_TYPE_SIGNATURE + loading->functions[index]);
  const uint32_t declared = take(loading, module->function_count);
  if (declared != 0) copy(core->memory + declared, loading->declared, module->function_count);
  store(core, V_GLOBAL_TYPES, write_globals(loading, 0));
  store(core, V_MUTABLE_TYPES, write_globals(loading, 1));
  store(core, V_TABLE_TYPES, write_types(loading, loading->table_types, module->table_count));
  store(core, V_ELEMENT_TYPES, write_types(loading, loading->element_types, loading->element_count));
  store(core, V_TYPE_COUNT, module->type_count);
  store(core, V_FUNCTION_COUNT, module->function_count);
  store(core, V_FUNCTION_SIGNATURES, functions);
  store(core, V_DECLARED_FUNCTIONS, declared);
  store(core, V_GLOBAL_COUNT, module->global_count);
  store(core, V_TABLE_COUNT, module->table_count);
  store(core, V_ELEMENT_COUNT, loading->element_count);
  store(core, V_DATA_COUNT, loading->has_data_count ? loading->data_count : 0);
  store(core, V_WITHOUT_MEMORY, module->memory_record == 0 ? 0xffffffff : 0);
  store(core, V_WANTED_JUMPS, V_ALL_JUMPS_AND_LOOPS);
  /* No instruction puts more on the stack than the longest list has. */
  const uint32_t most = longest > MOST_OPERANDS / lists.longest ? MOST_OPERANDS : longest * lists.longest;
  const uint32_t stack = take(loading, most + READ_BEHIND);
  store(core, V_STACK, stack);
  store(core, V_STACK_END, stack + most);
  store(core, V_BODIES, take(loading, V_BODY_STRIDE));
  /* Where each body is, one after the other. */
  loading->body_room = take(loading, longest + READ_BEHIND);
}

void validate_body(struct loading *loading, uint32_t function, const struct fireball_body *body, uint32_t start) {
  const struct core *core = core_of();
  const uint32_t row = load(core, V_BODIES);
  const uint32_t one[4] = {0, 1, 0, 0};
  uint32_t reached;
  copy(core->memory + loading->body_room, body->bytes, body->length);
  /* So that offsets are those in the module. */
  store(core, V_MODULE_BYTES, loading->body_room - body->offset);
  store(core, row + V_DECLARATIONS_FIELD, body->offset);
  store(core, row + V_START_FIELD, start);
  store(core, row + V_END_FIELD, body->offset + body->length);
  store(core, row + V_TYPE_FIELD, loading->functions[function]);
  if (!core_call(core, core->bodies_validate, one, &reached)) {
    reader_fail(&loading->reader, FIREBALL_TRAPPED);
    return;
  }
  if (load(core, V_IS_REFUSED) == 0) return;
  reader_fail(&loading->reader, load(core, V_IS_FULL) != 0 ? FIREBALL_TOO_LARGE : FIREBALL_INVALID);
  loading->reader.offset = load(core, V_REFUSED_AT);
}
