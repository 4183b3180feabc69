/* What a module imports: functions by their code, and tables, memories and globals that firmware has, its own or those of other programs. */
#include "loading.h"

static void read_limits(struct loading *loading, uint32_t has_most, uint32_t *least, uint32_t *most) {
  *least = read_u32(loading);
  *most = has_most ? read_u32(loading) : 0xffffffff;
  if (*least > *most) refuse(loading);
}

/* The type of a table's elements, and its limits. */
uint32_t read_table_type(struct loading *loading, uint32_t *least, uint32_t *most) {
  const uint32_t type = reader_type(&loading->reader, 1);
  const uint32_t flags = read_byte(loading);
  if (flags > 1) refuse(loading);
  read_limits(loading, flags, least, most);
  return type;
}

/* Bytes of a memory's pages, and its limits. */
uint32_t read_memory_type(struct loading *loading, uint32_t *least, uint32_t *most) {
  const uint32_t flags = read_byte(loading);
  if ((flags & ~9u) != 0) refuse(loading);
  read_limits(loading, flags & 1, least, most);
  if ((flags & 8) != 0) {
    const uint32_t exponent = read_u32(loading);
    if (exponent == 0) return 1;
    if (exponent != 16) refuse(loading);
  }
  if (*least > 0x10000 || ((flags & 1) != 0 && *most > 0x10000)) refuse(loading);
  return 0x10000;
}

uint32_t read_global_type(struct loading *loading, uint32_t *is_mutable) {
  const uint32_t type = reader_type(&loading->reader, 0);
  *is_mutable = read_byte(loading);
  if (*is_mutable > 1) refuse(loading);
  return type;
}

/* The next import. Returns the number of a function's type. */
static uint32_t read_import(struct loading *loading, struct fireball_import *import) {
  uint32_t type = 0;
  clear(import, sizeof *import);
  import->module = reader_name(&loading->reader, &import->module_length);
  import->name = reader_name(&loading->reader, &import->name_length);
  import->kind = read_byte(loading);
  switch (import->kind) {
    case FIREBALL_FUNCTION:
      type = read_index(loading, loading->program->module.type_count);
      import->type = &loading->types[type];
      break;
    case FIREBALL_TABLE: import->value_type = read_table_type(loading, &import->least, &import->most); break;
    case FIREBALL_MEMORY: import->page_bytes = read_memory_type(loading, &import->least, &import->most); break;
    case FIREBALL_GLOBAL: import->value_type = read_global_type(loading, &import->is_mutable); break;
    default: refuse(loading);
  }
  return type;
}

/* Is what firmware has of the type that is imported (core spec 4.5.3)? */
static int32_t is_compatible(const struct fireball_import *import, const struct fireball_extern *given) {
  const uint32_t *record = (const uint32_t *)(uintptr_t)given->address;
  if (given->kind != import->kind || record == 0) return 0;
  if (import->kind == FIREBALL_GLOBAL) return given->type == import->value_type && (given->is_mutable != 0) == (import->is_mutable != 0);
  uint32_t count = record[0];
  uint32_t most = record[1];
  if (import->kind == FIREBALL_MEMORY) {
    if (record[3] != import->page_bytes) return 0;
    count /= import->page_bytes;
    most = record[2];
  } else if (given->type != import->value_type) return 0;
  return count >= import->least && most <= import->most;
}

/* Takes a table, memory or global that firmware has. */
static void take_extern(struct loading *loading, const struct fireball_import *import, uint32_t place) {
  struct fireball_module *module = &loading->program->module;
  const struct fireball_extern *given = loading->setup->import_extern == 0 ? 0 : loading->setup->import_extern(import);
  if (given == 0 || !is_compatible(import, given)) {
    reader_fail(&loading->reader, given == 0 ? FIREBALL_NOT_FOUND : FIREBALL_INCOMPATIBLE);
    loading->reader.offset = place;
  } else if (import->kind == FIREBALL_TABLE) {
    loading->table_types[module->table_count] = (uint8_t)given->type;
    loading->tables[module->table_count++] = (struct fireball_table){given->address, ((const uint32_t *)(uintptr_t)given->address)[2]};
  } else if (import->kind == FIREBALL_MEMORY) {
    module->memory_record = given->address;
    loading->imports_memory = 1;
  } else {
    loading->mutable_globals[module->global_count] = (uint8_t)import->is_mutable;
    loading->globals[module->global_count++] = (struct fireball_global){given->type, given->address};
  }
}

/* Only what types functions have: what code is behind them is asked for when all functions are known. */
void read_imports(struct loading *loading) {
  struct fireball_module *module = &loading->program->module;
  struct reader *reader = &loading->reader;
  struct fireball_import import;
  uint32_t counts[4];
  clear(counts, sizeof counts);
  loading->imports = reader->at;
  const uint32_t count = read_count(loading);
  const uint8_t *first = reader->at;
  for (uint32_t index = 0; index < count && is_fine(loading); index++) {
    read_import(loading, &import);
    if (is_fine(loading)) counts[import.kind]++;
  }
  if (counts[FIREBALL_MEMORY] > 1) refuse(loading);
  if (!is_fine(loading)) return;
  uint32_t *functions = take_items(loading, &counts[FIREBALL_FUNCTION], 4);
  loading->tables = take_items(loading, &counts[FIREBALL_TABLE], sizeof *loading->tables);
  loading->table_types = take_room(loading, counts[FIREBALL_TABLE]);
  loading->globals = take_items(loading, &counts[FIREBALL_GLOBAL], sizeof *loading->globals);
  loading->mutable_globals = take_room(loading, counts[FIREBALL_GLOBAL]);
  loading->functions = functions;
  module->functions = functions;
  module->tables = loading->tables;
  module->globals = loading->globals;
  loading->imported_globals = counts[FIREBALL_GLOBAL];
  if (is_fine(loading)) reader->at = first;
  for (uint32_t index = 0; index < count && is_fine(loading); index++) {
    const uint32_t place = position_of(reader);
    const uint32_t type = read_import(loading, &import);
    if (import.kind == FIREBALL_FUNCTION) functions[module->function_count++] = type;
    else take_extern(loading, &import, place);
  }
  loading->program->import_count = module->function_count;
}

void resolve_imports(struct loading *loading, uint32_t (*slots)[2]) {
  struct reader *reader = &loading->reader;
  const uint8_t *at = reader->at;
  const uint8_t *end = reader->end;
  if (loading->program->import_count == 0) return;
  reader->at = loading->imports;
  reader->end = loading->setup->wasm + loading->setup->wasm_bytes;
  uint32_t function = 0;
  for (uint32_t left = read_u32(loading); left > 0 && is_fine(loading); left--) {
    struct fireball_import import;
    const uint32_t place = position_of(reader);
    read_import(loading, &import);
    if (import.kind != FIREBALL_FUNCTION) continue;
    uint32_t *slot = slots[function++];
    slot[0] = loading->setup->import == 0 ? 0 : loading->setup->import(&import);
    if (slot[0] == 0) {
      reader_fail(reader, FIREBALL_NOT_FOUND);
      reader->offset = place;
    }
  }
  if (is_fine(loading)) {
    reader->at = at;
    reader->end = end;
  }
}
