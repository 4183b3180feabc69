/* Reads a module in the binary format section by section, keeps to the rules of validation (core spec 3.4, 5.5), and fills what instantiation fills. */
#include "loading.h"

enum { MOST_TYPES_OF_FUNCTION = 1000, MOST_LOCALS = 50000, MOST_CONSTANTS = 16 };
enum { CUSTOM_SECTION, TYPE_SECTION, IMPORT_SECTION, FUNCTION_SECTION, TABLE_SECTION, MEMORY_SECTION, GLOBAL_SECTION, EXPORT_SECTION, START_SECTION, ELEMENT_SECTION, CODE_SECTION, DATA_SECTION, DATA_COUNT_SECTION };

void refuse(struct loading *loading) { reader_fail(&loading->reader, FIREBALL_INVALID); }

uint32_t read_u32(struct loading *loading) { return reader_u32(&loading->reader); }

uint32_t read_byte(struct loading *loading) { return reader_byte(&loading->reader); }

uint32_t read_index(struct loading *loading, uint32_t count) {
  const uint32_t index = read_u32(loading);
  if (index < count) return index;
  refuse(loading);
  return 0;
}

uint32_t read_count(struct loading *loading) {
  const uint32_t count = read_u32(loading);
  if (count <= (uint32_t)(loading->reader.end - loading->reader.at)) return count;
  refuse(loading);
  return 0;
}

void clear(void *at, uint32_t bytes) {
  uint32_t index = 0;
  for (; index + 4 <= bytes; index += 4) *(uint32_t *)((uint8_t *)at + index) = 0;
  for (; index < bytes; index++) ((uint8_t *)at)[index] = 0;
}

void *take_room(struct loading *loading, uint32_t bytes) {
  struct fireball_program *program = loading->program;
  const uint32_t begin = (program->room_used + 7) & ~7u;
  if (begin > loading->setup->room_bytes || bytes > loading->setup->room_bytes - begin) {
    reader_fail(&loading->reader, FIREBALL_TOO_LARGE);
    return 0;
  }
  program->room_used = begin + bytes;
  void *room = (uint8_t *)loading->setup->room + begin;
  clear(room, bytes);
  return room;
}

void *take_items(struct loading *loading, uint32_t *count, uint32_t bytes) {
  void *room = *count > 0xffffffffu / bytes ? 0 : take_room(loading, *count * bytes);
  if (room == 0) {
    reader_fail(&loading->reader, FIREBALL_TOO_LARGE);
    *count = 0;
  }
  return room;
}

static int32_t is_same_list(const uint8_t *a, uint32_t a_count, const uint8_t *b, uint32_t b_count) {
  if (a_count != b_count) return 0;
  for (uint32_t index = 0; index < a_count; index++)
    if (a[index] != b[index]) return 0;
  return 1;
}

static int32_t is_same_type(const struct fireball_type *a, const struct fireball_type *b) {
  return is_same_list(a->parameters, a->parameter_count, b->parameters, b->parameter_count) && is_same_list(a->results, a->result_count, b->results, b->result_count);
}

static const uint8_t *read_type_list(struct loading *loading, uint32_t *count) {
  *count = read_count(loading);
  if (*count > MOST_TYPES_OF_FUNCTION) reader_fail(&loading->reader, FIREBALL_UNSUPPORTED);
  const uint8_t *list = loading->reader.at;
  for (uint32_t left = *count; left > 0 && is_fine(loading); left--) reader_type(&loading->reader, 0);
  return list;
}

/* The number of the same type in programs before this one; 0 where it is new. `*next` is then beyond all of theirs. */
static uint32_t known_number(const struct loading *loading, const struct fireball_type *type, uint32_t *next) {
  for (const struct fireball_program *program = loading->setup->before; program != 0; program = program->setup->before)
    for (uint32_t index = 0; index < program->module.type_count; index++, (*next)++)
      if (is_same_type(type, &program->module.types[index])) return program->module.types[index].number;
  return 0;
}

static void read_types(struct loading *loading) {
  struct fireball_module *module = &loading->program->module;
  uint32_t count = read_count(loading);
  struct fireball_type *types = take_items(loading, &count, sizeof *types);
  loading->types = types;
  module->types = types;
  for (uint32_t index = 0; index < count && is_fine(loading); index++) {
    struct fireball_type *type = &types[index];
    if (read_byte(loading) != 0x60) refuse(loading);
    type->parameters = read_type_list(loading, &type->parameter_count);
    type->results = read_type_list(loading, &type->result_count);
    if (!is_fine(loading)) return;
    uint32_t next = index + 1;
    const uint32_t known = known_number(loading, type, &next);
    type->number = known != 0 ? known : next;
    for (uint32_t other = 0; other < index; other++)
      if (is_same_type(type, &types[other])) type->number = types[other].number;
    module->type_count = index + 1;
  }
}

/* Items behind those that there are: room for both, where the first ones are. */
static void *take_more(struct loading *loading, const void *items, uint32_t count, uint32_t *more, uint32_t bytes) {
  uint32_t all = count + *more;
  uint8_t *room = take_items(loading, &all, bytes);
  if (all == 0) *more = 0;
  else copy(room, items, count * bytes);
  return room;
}

static void read_functions(struct loading *loading) {
  struct fireball_module *module = &loading->program->module;
  uint32_t count = read_count(loading);
  uint32_t *functions = take_more(loading, module->functions, module->function_count, &count, 4);
  if (!is_fine(loading)) return;
  loading->functions = functions;
  module->functions = functions;
  for (; count > 0; count--) functions[module->function_count++] = read_index(loading, module->type_count);
}

/* All functions are known. */
static void functions_end(struct loading *loading) {
  struct fireball_module *module = &loading->program->module;
  if (module->slots != 0 || !is_fine(loading)) return;
  const uint32_t count = module->function_count;
  uint32_t (*slots)[2] = take_room(loading, 8 * count);
  loading->declared = take_room(loading, count);
  loading->bodies = take_room(loading, (count - loading->program->import_count) * sizeof *loading->bodies);
  if (!is_fine(loading)) return;
  module->slots = (uint32_t)(uintptr_t)slots;
  loading->program->bodies = loading->bodies;
  for (uint32_t index = 0; index < count; index++) slots[index][1] = loading->types[loading->functions[index]].number;
  resolve_imports(loading, slots);
}

static uint32_t slot_of(const struct loading *loading, uint32_t function) { return loading->program->module.slots + 8 * function; }

static uint64_t read_fixed(struct loading *loading, uint32_t bytes) {
  uint64_t value = 0;
  for (uint32_t index = 0; index < bytes; index++) value |= (uint64_t)read_byte(loading) << 8 * index;
  return value;
}

struct constant {
  uint32_t type;
  uint64_t value;
};

static uint64_t combine(uint32_t operation, uint64_t a, uint64_t b) { return operation == 0 ? a + b : operation == 1 ? a - b : a * b; }

/* The value of a constant expression of a type (core spec 3.3.10). Of globals it may name those that are imported, and cannot be set. */
static uint64_t read_constant(struct loading *loading, uint32_t type) {
  struct constant stack[MOST_CONSTANTS];
  uint32_t height = 0;
  for (;;) {
    const uint32_t opcode = read_byte(loading);
    struct constant made = {I32, 0};
    if (!is_fine(loading)) return 0;
    switch (opcode) {
      case 0x41: made.value = (uint32_t)reader_number(&loading->reader, 32, 1); break;
      case 0x42: made = (struct constant){I64, reader_number(&loading->reader, 64, 1)}; break;
      case 0x43: made = (struct constant){F32, read_fixed(loading, 4)}; break;
      case 0x44: made = (struct constant){F64, read_fixed(loading, 8)}; break;
      case 0x23: {
        const uint32_t global = read_index(loading, loading->imported_globals);
        if (!is_fine(loading)) return 0;
        if (loading->mutable_globals[global]) refuse(loading);
        const uint32_t *cell = (const uint32_t *)(uintptr_t)loading->globals[global].address;
        made.type = loading->globals[global].type;
        made.value = cell[0] | (words_of(made.type) == 2 ? (uint64_t)cell[1] << 32 : 0);
        break;
      }
      case 0xd0: made.type = reader_type(&loading->reader, 1); break;
      case 0xd2: {
        const uint32_t function = read_index(loading, loading->program->module.function_count);
        if (!is_fine(loading)) return 0;
        loading->declared[function] = 1;
        made = (struct constant){FUNCREF, slot_of(loading, function)};
        break;
      }
      case 0x6a:
      case 0x6b:
      case 0x6c:
      case 0x7c:
      case 0x7d:
      case 0x7e: {
        made.type = opcode < 0x70 ? I32 : I64;
        if (height < 2 || stack[height - 1].type != made.type || stack[height - 2].type != made.type) refuse(loading);
        else {
          height -= 2;
          made.value = combine((opcode & 15) - (opcode < 0x70 ? 10 : 12), stack[height].value, stack[height + 1].value);
          if (made.type == I32) made.value = (uint32_t)made.value;
        }
        break;
      }
      case 0x0b:
        if (height != 1 || stack[0].type != type) refuse(loading);
        return stack[0].value;
      default: refuse(loading);
    }
    if (height == MOST_CONSTANTS) reader_fail(&loading->reader, FIREBALL_UNSUPPORTED);
    if (!is_fine(loading)) return 0;
    stack[height++] = made;
  }
}

static void read_tables(struct loading *loading) {
  struct fireball_module *module = &loading->program->module;
  uint32_t count = read_count(loading);
  uint32_t types = count;
  loading->tables = take_more(loading, loading->tables, module->table_count, &count, sizeof *loading->tables);
  loading->table_types = take_more(loading, loading->table_types, module->table_count, &types, 1);
  module->tables = loading->tables;
  for (; count > 0 && is_fine(loading); count--) {
    uint32_t least, most;
    loading->table_types[module->table_count] = (uint8_t)read_table_type(loading, &least, &most);
    uint32_t *record = take_room(loading, 16);
    const uint32_t growth = loading->setup->table_growth;
    uint32_t capacity = most - least < growth ? most : least + growth;
    uint32_t *elements = take_items(loading, &capacity, 4);
    if (!is_fine(loading)) return;
    record[0] = least;
    record[1] = most;
    record[2] = (uint32_t)(uintptr_t)elements;
    record[3] = capacity;
    loading->tables[module->table_count++] = (struct fireball_table){(uint32_t)(uintptr_t)record, (uint32_t)(uintptr_t)elements};
  }
}

static void read_memories(struct loading *loading) {
  struct fireball_module *module = &loading->program->module;
  const uint32_t count = read_count(loading);
  if (count + (loading->imports_memory ? 1 : 0) > 1) refuse(loading);
  if (count == 0 || !is_fine(loading)) return;
  uint32_t least, most;
  const uint32_t page_bytes = read_memory_type(loading, &least, &most);
  const uint32_t room = loading->setup->memory_bytes / page_bytes;
  if (least > room) reader_fail(&loading->reader, FIREBALL_TOO_LARGE);
  uint32_t *record = take_room(loading, 16);
  if (!is_fine(loading)) return;
  clear(loading->setup->memory, loading->setup->memory_bytes);
  record[0] = least * page_bytes;
  record[1] = (uint32_t)(uintptr_t)loading->setup->memory;
  record[2] = most < room ? most : room;
  record[3] = page_bytes;
  module->memory_record = (uint32_t)(uintptr_t)record;
}

static void read_globals(struct loading *loading) {
  struct fireball_module *module = &loading->program->module;
  uint32_t count = read_count(loading);
  uint32_t flags = count;
  loading->globals = take_more(loading, loading->globals, module->global_count, &count, sizeof *loading->globals);
  loading->mutable_globals = take_more(loading, loading->mutable_globals, module->global_count, &flags, 1);
  uint64_t *cells = take_room(loading, 8 * count);
  module->globals = loading->globals;
  for (; count > 0 && is_fine(loading); count--, cells++) {
    uint32_t is_mutable;
    const uint32_t type = read_global_type(loading, &is_mutable);
    const uint64_t value = read_constant(loading, type);
    if (!is_fine(loading)) return;
    loading->mutable_globals[module->global_count] = (uint8_t)is_mutable;
    loading->globals[module->global_count++] = (struct fireball_global){type, (uint32_t)(uintptr_t)cells};
    *cells = value;
  }
}

static void read_exports(struct loading *loading) {
  struct fireball_module *module = &loading->program->module;
  struct reader *reader = &loading->reader;
  const uint32_t counts[] = {module->function_count, module->table_count, module->memory_record != 0, module->global_count};
  loading->program->exports = reader->at;
  const uint32_t count = read_count(loading);
  const uint8_t *first = reader->at;
  for (uint32_t index = 0; index < count && is_fine(loading); index++) {
    uint32_t length;
    const uint8_t *name = reader_name(reader, &length);
    const uint32_t kind = read_byte(loading);
    if (kind > FIREBALL_GLOBAL) refuse(loading);
    if (!is_fine(loading)) return;
    const uint32_t item = read_index(loading, counts[kind]);
    if (!is_fine(loading)) return;
    if (kind == FIREBALL_FUNCTION) loading->declared[item] = 1;
    /* No name twice. */
    struct reader before = {reader->begin, first, reader->end, FIREBALL_DONE, 0};
    for (uint32_t other = 0; other < index; other++) {
      uint32_t other_length;
      const uint8_t *other_name = reader_name(&before, &other_length);
      if (is_same_list(name, length, other_name, other_length)) refuse(loading);
      reader_byte(&before);
      reader_u32(&before);
    }
  }
}

static void read_start(struct loading *loading) {
  const struct fireball_module *module = &loading->program->module;
  const uint32_t function = read_index(loading, module->function_count);
  if (!is_fine(loading)) return;
  const struct fireball_type *type = &loading->types[loading->functions[function]];
  if (type->parameter_count + type->result_count > 0) refuse(loading);
  loading->program->start = function;
}

/* An element: the number of a function, or an expression. */
static uint32_t read_element(struct loading *loading, uint32_t flags, uint32_t type) {
  if ((flags & 4) != 0) return (uint32_t)read_constant(loading, type);
  const uint32_t function = read_index(loading, loading->program->module.function_count);
  if (!is_fine(loading)) return 0;
  loading->declared[function] = 1;
  return slot_of(loading, function);
}

/* Twice: the second time, when all is valid, for the effects of active segments. */
static void read_elements(struct loading *loading) {
  const struct fireball_module *module = &loading->program->module;
  uint32_t count = read_count(loading);
  if (!loading->is_linking) {
    loading->elements = take_items(loading, &count, 8);
    loading->element_types = take_room(loading, count);
  }
  for (uint32_t index = 0; index < count && is_fine(loading); index++) {
    const uint32_t flags = read_u32(loading);
    if (flags > 7) refuse(loading);
    const int32_t is_active = (flags & 1) == 0;
    const uint32_t table = is_active && (flags & 2) != 0 ? read_u32(loading) : 0;
    if (is_active && table >= module->table_count) refuse(loading);
    const uint32_t first = is_active ? (uint32_t)read_constant(loading, I32) : 0;
    uint32_t type = FUNCREF;
    if ((flags & 3) != 0) {
      if ((flags & 4) != 0) type = reader_type(&loading->reader, 1);
      else if (read_byte(loading) != 0) refuse(loading);
    }
    uint32_t length = read_count(loading);
    if (!is_fine(loading)) return;
    uint32_t *words = 0;
    if (is_active) {
      const uint32_t *record = (const uint32_t *)(uintptr_t)loading->tables[table].record;
      if (loading->table_types[table] != type) refuse(loading);
      else if (loading->is_linking && (length > record[0] || first > record[0] - length)) reader_fail(&loading->reader, FIREBALL_OUT_OF_BOUNDS);
      else if (loading->is_linking) words = (uint32_t *)(uintptr_t)record[2] + first;
    } else if ((flags & 2) == 0 && !loading->is_linking) {
      words = take_items(loading, &length, 4);
      if (!is_fine(loading)) return;
      loading->elements[index][0] = length;
      loading->elements[index][1] = (uint32_t)(uintptr_t)words;
    }
    for (uint32_t element = 0; element < length && is_fine(loading); element++) {
      const uint32_t word = read_element(loading, flags, type);
      if (words != 0) words[element] = word;
    }
    loading->element_types[index] = (uint8_t)type;
    loading->element_count = index + 1;
  }
}

/* Reads the declarations of a body's locals, which it counts with the parameters. */
static void read_locals(struct loading *loading, const struct fireball_type *type) {
  uint32_t total = 0;
  for (uint32_t left = read_u32(loading); left > 0 && is_fine(loading); left--) {
    const uint32_t count = read_u32(loading);
    if (count > 0xffffffff - total) refuse(loading);
    total += count;
    reader_type(&loading->reader, 0);
  }
  if (total > MOST_LOCALS) reader_fail(&loading->reader, FIREBALL_UNSUPPORTED);
  loading->local_count = type->parameter_count + total;
}

static void read_code(struct loading *loading) {
  const struct fireball_program *program = loading->program;
  struct reader *reader = &loading->reader;
  const uint32_t count = read_count(loading);
  if (count != program->module.function_count - program->import_count) refuse(loading);
  uint32_t longest = 0;
  for (uint32_t index = 0; index < count && is_fine(loading); index++) {
    const uint32_t length = read_u32(loading);
    const uint32_t offset = position_of(reader);
    loading->bodies[index] = (struct fireball_body){reader_skip(reader, length), length, offset};
    if (length > longest) longest = length;
  }
  if (!is_fine(loading)) return;
  const uint8_t *behind = reader->at;
  const uint8_t *end = reader->end;
  begin_bodies(loading, longest);
  begin_program(loading);
  for (uint32_t index = 0; index < count && is_fine(loading); index++) {
    const struct fireball_body *body = &loading->bodies[index];
    const uint32_t function = program->import_count + index;
    reader->at = body->bytes;
    reader->end = body->bytes + body->length;
    read_locals(loading, &loading->types[loading->functions[function]]);
    if (!is_fine(loading)) return;
    const uint32_t start = position_of(reader);
    validate_body(loading, function, body, start);
    if (is_fine(loading)) write_function(loading, function, body, start);
  }
  if (!is_fine(loading)) return;
  reader->at = behind;
  reader->end = end;
}

static void take_data(struct loading *loading, uint32_t count) {
  loading->data = take_items(loading, &count, 8);
  loading->data_count = count;
}

/* Twice, as elements. */
static void read_data(struct loading *loading) {
  const uint32_t *memory = (const uint32_t *)(uintptr_t)loading->program->module.memory_record;
  const uint32_t count = read_count(loading);
  if (!loading->has_data_count && !loading->is_linking) take_data(loading, count);
  else if (count != loading->data_count) refuse(loading);
  for (uint32_t index = 0; index < count && is_fine(loading); index++) {
    const uint32_t flags = read_u32(loading);
    if (flags > 2 || (flags != 1 && memory == 0) || (flags == 2 && read_u32(loading) != 0)) refuse(loading);
    const uint32_t first = flags == 1 ? 0 : (uint32_t)read_constant(loading, I32);
    const uint32_t length = read_u32(loading);
    const uint8_t *bytes = reader_skip(&loading->reader, length);
    if (!is_fine(loading)) return;
    if (flags == 1) {
      loading->data[index][0] = length;
      loading->data[index][1] = (uint32_t)(uintptr_t)bytes;
    } else if (!loading->is_linking) continue;
    else if (length > memory[0] || first > memory[0] - length) reader_fail(&loading->reader, FIREBALL_OUT_OF_BOUNDS);
    else copy((uint8_t *)(uintptr_t)memory[1] + first, bytes, length);
  }
}

static void read_section(struct loading *loading, uint32_t section) {
  uint32_t length;
  switch (section) {
    case CUSTOM_SECTION:
      reader_name(&loading->reader, &length);
      if (is_fine(loading)) loading->reader.at = loading->reader.end;
      break;
    case TYPE_SECTION: read_types(loading); break;
    case IMPORT_SECTION: read_imports(loading); break;
    case FUNCTION_SECTION: read_functions(loading); break;
    case TABLE_SECTION: read_tables(loading); break;
    case MEMORY_SECTION: read_memories(loading); break;
    case GLOBAL_SECTION: read_globals(loading); break;
    case EXPORT_SECTION: read_exports(loading); break;
    case START_SECTION: read_start(loading); break;
    case ELEMENT_SECTION:
      loading->element_section = loading->reader.at;
      read_elements(loading);
      break;
    case DATA_COUNT_SECTION:
      loading->has_data_count = 1;
      take_data(loading, read_u32(loading));
      break;
    case CODE_SECTION: read_code(loading); break;
    case DATA_SECTION:
      loading->data_section = loading->reader.at;
      read_data(loading);
      break;
    default: refuse(loading);
  }
}

/* Sections come in this order, custom ones anywhere. */
static uint32_t rank_of(uint32_t section) {
  if (section == DATA_COUNT_SECTION) return 2 * ELEMENT_SECTION + 1;
  return 2 * section;
}

static void read_module(struct loading *loading) {
  struct reader *reader = &loading->reader;
  const uint8_t *end = reader->end;
  static const uint8_t header[] = {0, 'a', 's', 'm', 1, 0, 0, 0};
  for (uint32_t index = 0; index < sizeof header; index++)
    if (read_byte(loading) != header[index]) refuse(loading);
  int32_t has_code = 0;
  int32_t has_data = 0;
  for (uint32_t last = 0; reader->at < end && is_fine(loading);) {
    const uint32_t section = read_byte(loading);
    if (section != CUSTOM_SECTION) {
      if (section > DATA_COUNT_SECTION || rank_of(section) <= last) refuse(loading);
      last = rank_of(section);
    }
    const uint32_t length = read_u32(loading);
    const uint8_t *behind = reader->at + length;
    reader_skip(reader, length);
    if (!is_fine(loading)) return;
    if (section != CUSTOM_SECTION && section > FUNCTION_SECTION) functions_end(loading);
    if (!is_fine(loading)) return;
    reader->at = behind - length;
    reader->end = behind;
    read_section(loading, section);
    if (!is_fine(loading)) return;
    if (reader->at != behind) refuse(loading);
    reader->end = end;
    has_code |= section == CODE_SECTION;
    has_data |= section == DATA_SECTION;
  }
  functions_end(loading);
  const struct fireball_program *program = loading->program;
  if (!has_code && program->module.function_count != program->import_count) refuse(loading);
  if (!has_data && loading->has_data_count && loading->data_count != 0) refuse(loading);
}

/* Active segments: a module that is refused has written nothing to what others share with it, unless these reach beyond. */
static void link_segments(struct loading *loading) {
  const struct fireball_setup *setup = loading->setup;
  loading->is_linking = 1;
  loading->reader.end = setup->wasm + setup->wasm_bytes;
  if (loading->element_section != 0) {
    loading->reader.at = loading->element_section;
    read_elements(loading);
  }
  if (loading->data_section != 0 && is_fine(loading)) {
    loading->reader.at = loading->data_section;
    read_data(loading);
  }
}

int32_t fireball_program_load(struct fireball_program *program, const struct fireball_setup *setup) {
  struct loading loading;
  clear(&loading, sizeof loading);
  clear(program, sizeof *program);
  program->setup = setup;
  program->start = FIREBALL_NO_FUNCTION;
  program->module.stack_limit = setup->stack_limit;
  program->module.is_near = setup->is_near;
  loading.program = program;
  loading.setup = setup;
  loading.reader = (struct reader){setup->wasm, setup->wasm, setup->wasm + setup->wasm_bytes, FIREBALL_DONE, 0};
  core_of()->state->progress = 0;
  read_module(&loading);
  if (is_fine(&loading)) end_program(&loading);
  if (is_fine(&loading)) link_segments(&loading);
  program->offset = loading.reader.offset;
  return loading.reader.outcome;
}
