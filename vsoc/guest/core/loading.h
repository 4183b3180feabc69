/* A module on its way: what its sections have told so far. */
#ifndef FIREBALL_LOADING_H
#define FIREBALL_LOADING_H

#include "reader.h"

struct loading {
  struct reader reader;
  struct fireball_program *program;
  const struct fireball_setup *setup;
  struct fireball_type *types;
  uint32_t *functions;
  /* A byte for each function: may code name it by `ref.func`? */
  uint8_t *declared;
  struct fireball_body *bodies;
  struct fireball_global *globals;
  uint8_t *mutable_globals;
  struct fireball_table *tables;
  uint8_t *table_types;
  uint8_t *element_types;
  /* Records of element and data segments. */
  uint32_t (*elements)[2];
  uint32_t (*data)[2];
  uint32_t element_count;
  uint32_t data_count;
  /* Is there a section that says how many data segments there are? Only then code may name them. */
  int32_t has_data_count;
  /* Behind the sections' beginnings; null where they are not there. */
  const uint8_t *imports;
  const uint8_t *element_section;
  const uint8_t *data_section;
  /* All is valid: active segments take effect. */
  int32_t is_linking;
  /* How many globals are imported, and is the memory? */
  uint32_t imported_globals;
  int32_t imports_memory;
  /* Parameters and locals of the current body, and where bodies are in the memory of the core of validation. */
  uint32_t local_count;
  uint32_t body_room;
  /* Does any function let the memory grow? */
  int32_t grows;
  /* What the interpreter reads: dispatch tables, the instance's record, and where the shapes of types are. */
  uint32_t *dispatch;
  uint32_t *record;
  uint32_t *shapes;
};

static inline int32_t is_fine(const struct loading *loading) { return loading->reader.outcome == FIREBALL_DONE; }

/* load.c: bytes of the room, at a multiple of 8, zeroed; null where there are not so many. */
void *take_room(struct loading *loading, uint32_t bytes);
/* Room for so many items that were counted by read_count; the count is 0 where there is none. */
void *take_items(struct loading *loading, uint32_t *count, uint32_t bytes);
/* Zeroes, from a multiple of 4 on. */
void clear(void *at, uint32_t bytes);
/* The module breaks a rule here. */
void refuse(struct loading *loading);
uint32_t read_u32(struct loading *loading);
uint32_t read_byte(struct loading *loading);
/* A number below `count`. */
uint32_t read_index(struct loading *loading, uint32_t count);
/* How many items follow: each has a byte at least. */
uint32_t read_count(struct loading *loading);

/* imports.c: the type of a table's elements, and its limits; bytes of a memory's pages, and its limits; the type of a global. */
uint32_t read_table_type(struct loading *loading, uint32_t *least, uint32_t *most);
uint32_t read_memory_type(struct loading *loading, uint32_t *least, uint32_t *most);
uint32_t read_global_type(struct loading *loading, uint32_t *is_mutable);
void read_imports(struct loading *loading);
/* The code of imported functions, for their slots. */
void resolve_imports(struct loading *loading, uint32_t (*slots)[2]);

/* bodies.c: hands the module to the core of validation, and then one body after the other, whose findings are in its memory until the next. */
void begin_bodies(struct loading *loading, uint32_t longest);
void validate_body(struct loading *loading, uint32_t function, const struct fireball_body *body, uint32_t start);

/* program.c: what the interpreter reads. */
void begin_program(struct loading *loading);
void write_function(struct loading *loading, uint32_t function, const struct fireball_body *body, uint32_t start);
void end_program(struct loading *loading);

#endif
