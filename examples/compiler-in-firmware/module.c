#include "module.h"

uint8_t wasm_memory[MOST_PAGES * PAGE_BYTES] __attribute__((aligned(8)));
uint32_t wasm_memory_record[4];
uint32_t wasm_slots[MOST_FUNCTIONS][2] __attribute__((aligned(8)));
uint64_t wasm_globals[MOST_GLOBALS];
uint32_t wasm_table_record[3];
uint32_t wasm_elements[MOST_ELEMENTS];
struct fireball_module wasm_module;
struct body wasm_bodies[MOST_FUNCTIONS];
struct export wasm_exports[MOST_EXPORTS];
uint32_t wasm_export_count;

static struct fireball_type types[MOST_TYPES];
static uint32_t functions[MOST_FUNCTIONS];
static struct fireball_global globals[MOST_GLOBALS];
static struct fireball_table tables[1];

static const uint8_t *position;

static uint64_t number(int is_signed) {
  uint64_t value = 0;
  uint32_t shift = 0;
  uint8_t byte;
  do {
    byte = *position++;
    value |= (uint64_t)(byte & 0x7f) << shift;
    shift += 7;
  } while (byte >= 0x80);
  return is_signed && shift < 64 && (byte & 0x40) != 0 ? value | ~(uint64_t)0 << shift : value;
}

static uint32_t count(void) { return (uint32_t)number(0); }

/* A constant expression of one instruction. */
static uint64_t constant(void) {
  uint64_t value = 0;
  switch (*position++) {
    case 0x41:
    case 0x42: value = number(1); break;
    case 0x43:
      for (int byte = 0; byte < 4; byte++) value |= (uint64_t)*position++ << 8 * byte;
      break;
    case 0x44:
      for (int byte = 0; byte < 8; byte++) value |= (uint64_t)*position++ << 8 * byte;
      break;
    case 0xd2: value = (uint32_t)(uintptr_t)wasm_slots[count()]; break;
    default: position++;
  }
  position++;
  return value;
}

static int is_same(const struct fireball_type *a, const struct fireball_type *b) {
  if (a->parameter_count != b->parameter_count || a->result_count != b->result_count) return 0;
  for (uint32_t index = 0; index < a->parameter_count; index++)
    if (a->parameters[index] != b->parameters[index]) return 0;
  for (uint32_t index = 0; index < a->result_count; index++)
    if (a->results[index] != b->results[index]) return 0;
  return 1;
}

static const char *read_types(void) {
  wasm_module.type_count = count();
  if (wasm_module.type_count > MOST_TYPES) return "so many types";
  for (uint32_t index = 0; index < wasm_module.type_count; index++) {
    struct fireball_type *type = &types[index];
    position++;
    type->parameter_count = count();
    type->parameters = position;
    position += type->parameter_count;
    type->result_count = count();
    type->results = position;
    position += type->result_count;
    type->number = index + 1;
    for (uint32_t other = 0; other < index; other++)
      if (is_same(type, &types[other])) type->number = types[other].number;
  }
  return 0;
}

static const char *read_functions(void) {
  wasm_module.function_count = count();
  if (wasm_module.function_count > MOST_FUNCTIONS) return "so many functions";
  for (uint32_t index = 0; index < wasm_module.function_count; index++) {
    functions[index] = count();
    wasm_slots[index][1] = types[functions[index]].number;
  }
  return 0;
}

static const char *read_tables(void) {
  if (count() > 1) return "more than one table";
  position++;
  const uint32_t has_most = *position++;
  wasm_table_record[0] = count();
  wasm_table_record[1] = has_most ? count() : 0xffffffff;
  wasm_table_record[2] = (uint32_t)(uintptr_t)wasm_elements;
  if (wasm_table_record[0] > MOST_ELEMENTS) return "so large a table";
  tables[0] = (struct fireball_table){(uint32_t)(uintptr_t)wasm_table_record, (uint32_t)(uintptr_t)wasm_elements};
  wasm_module.table_count = 1;
  return 0;
}

static const char *read_memories(void) {
  if (count() != 1) return "more than one memory";
  const uint32_t has_most = *position++;
  const uint32_t pages = count();
  const uint32_t most = has_most ? count() : MOST_PAGES;
  if (pages > MOST_PAGES) return "so large a memory";
  wasm_memory_record[0] = pages * PAGE_BYTES;
  wasm_memory_record[1] = (uint32_t)(uintptr_t)wasm_memory;
  wasm_memory_record[2] = most < MOST_PAGES ? most : MOST_PAGES;
  wasm_memory_record[3] = PAGE_BYTES;
  wasm_module.memory_record = (uint32_t)(uintptr_t)wasm_memory_record;
  return 0;
}

static const char *read_globals(void) {
  wasm_module.global_count = count();
  if (wasm_module.global_count > MOST_GLOBALS) return "so many globals";
  for (uint32_t index = 0; index < wasm_module.global_count; index++) {
    globals[index] = (struct fireball_global){*position, (uint32_t)(uintptr_t)&wasm_globals[index]};
    position += 2;
    wasm_globals[index] = constant();
  }
  return 0;
}

static const char *read_exports(void) {
  for (uint32_t left = count(); left > 0; left--) {
    struct export *export = &wasm_exports[wasm_export_count];
    export->length = count();
    export->name = (const char *)position;
    position += export->length;
    const uint32_t kind = *position++;
    export->function = count();
    if (kind == 0 && wasm_export_count++ == MOST_EXPORTS - 1) return "so many exports";
  }
  return 0;
}

static const char *read_elements(void) {
  for (uint32_t left = count(); left > 0; left--) {
    if (count() != 0) return "such elements";
    const uint32_t first = (uint32_t)constant();
    const uint32_t length = count();
    if (first + length > wasm_table_record[0]) return "elements behind the table";
    for (uint32_t index = 0; index < length; index++) wasm_elements[first + index] = (uint32_t)(uintptr_t)wasm_slots[count()];
  }
  return 0;
}

static void read_bodies(const uint8_t *module) {
  const uint32_t length = count();
  for (uint32_t index = 0; index < length; index++) {
    const uint32_t bytes = count();
    wasm_bodies[index] = (struct body){position, bytes, (uint32_t)(position - module)};
    position += bytes;
  }
}

static const char *read_data(void) {
  for (uint32_t left = count(); left > 0; left--) {
    if (count() != 0) return "such data";
    const uint32_t first = (uint32_t)constant();
    const uint32_t length = count();
    if (first + length > wasm_memory_record[0]) return "data behind the memory";
    for (uint32_t index = 0; index < length; index++) wasm_memory[first + index] = *position++;
  }
  return 0;
}

/* What instructions on the whole memory work on, and on the table. */
static uint32_t operand(const struct fireball_module *module, uint32_t operation, uint32_t a, uint32_t b) {
  enum { TABLE_GET = 0x25, TABLE_SET = 0x26, MEMORY_GROW = 0x40, MEMORY_COPY = 0x10a, MEMORY_FILL = 0x10b, TABLE_SIZE = 0x110 };
  (void)module, (void)a, (void)b;
  switch (operation) {
    case MEMORY_GROW:
    case MEMORY_COPY:
    case MEMORY_FILL: return (uint32_t)(uintptr_t)wasm_memory_record;
    case TABLE_GET:
    case TABLE_SET:
    case TABLE_SIZE: return (uint32_t)(uintptr_t)wasm_table_record;
    default: return 0;
  }
}

const char *wasm_read(const uint8_t *bytes, uint32_t length) {
  const uint8_t *end = bytes + length;
  const char *problem = 0;
  wasm_module.types = types;
  wasm_module.functions = functions;
  wasm_module.slots = (uint32_t)(uintptr_t)wasm_slots;
  wasm_module.globals = globals;
  wasm_module.tables = tables;
  wasm_module.operand = operand;
  for (position = bytes + 8; position < end && problem == 0;) {
    const uint32_t section = *position++;
    const uint32_t size = count();
    const uint8_t *next = position + size;
    switch (section) {
      case 1: problem = read_types(); break;
      case 2: problem = count() == 0 ? 0 : "imports"; break;
      case 3: problem = read_functions(); break;
      case 4: problem = read_tables(); break;
      case 5: problem = read_memories(); break;
      case 6: problem = read_globals(); break;
      case 7: problem = read_exports(); break;
      case 8: problem = "a start function"; break;
      case 9: problem = read_elements(); break;
      case 10: read_bodies(bytes); break;
      case 11: problem = read_data(); break;
      default: break;
    }
    position = next;
  }
  return problem;
}
