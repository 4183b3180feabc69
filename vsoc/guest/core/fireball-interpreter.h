/*
 * A module in the binary format, made ready on the device: validated, with all that the interpreter needs to run its code where it lies, and with what the compiler is told of it. Functions begin in the
 * interpreter; firmware hears of those that are called often, compiles them, and lets calls go to their code (docs/compile-core.md).
 */
#ifndef FIREBALL_INTERPRETER_H
#define FIREBALL_INTERPRETER_H

#ifdef __cplusplus
extern "C" {
#endif

/* What has come of fireball_program_load, beside what struct fireball_code names. */
enum {
  /* The module is not in the binary format, or breaks a rule of validation; `offset` of struct fireball_program says where. */
  FIREBALL_INVALID = 9,
  /* A segment does not fit into its memory or table. */
  FIREBALL_OUT_OF_BOUNDS = 10,
  /* The firmware has not what the module imports; `offset` says where the import is. */
  FIREBALL_NOT_FOUND = 11,
  /* What the firmware has for an import is of another kind or type, or has not its limits. */
  FIREBALL_INCOMPATIBLE = 12
};

enum { FIREBALL_NO_FUNCTION = 0x7fffffff };

struct fireball_program;

enum { FIREBALL_FUNCTION = 0, FIREBALL_TABLE = 1, FIREBALL_MEMORY = 2, FIREBALL_GLOBAL = 3 };

/* What a module imports. */
struct fireball_import {
  const uint8_t *module;
  uint32_t module_length;
  const uint8_t *name;
  uint32_t name_length;
  /* One of the above. */
  uint32_t kind;
  /* Of a function; null otherwise. */
  const struct fireball_type *type;
  /* Type of a global, or of a table's elements; can the global be set? */
  uint32_t value_type;
  uint32_t is_mutable;
  /* Elements of a table, pages of a memory: so many at least; it must not grow to more than `most`, 0xffffffff where the module does not care. Bytes of a page. */
  uint32_t least;
  uint32_t most;
  uint32_t page_bytes;
};

/* A table, memory or global that firmware has for modules, its own or another program's. */
struct fireball_extern {
  uint32_t kind;
  /* Type of a global, or of a table's elements; can the global be set? */
  uint32_t type;
  uint32_t is_mutable;
  /*
   * Where it is, each at a multiple of 4, as another program's `module` names it: the record of a memory (bytes, address of byte 0, most pages, bytes of a page), all of whose pages are there, and zero before it grows to them; the record of a
   * table (elements, most elements, address of the elements, how many there is room for), whose elements are words; the 8 bytes of a global. What modules do to them stays when the module is gone.
   */
  uint32_t address;
};

/* Where a module goes. */
struct fireball_setup {
  /* The binary format. It stays where it is, and so must the four bytes behind it: code is interpreted there. */
  const uint8_t *wasm;
  uint32_t wasm_bytes;
  /* RAM for tables and records, at a multiple of 16. It must be executable; where the memory may grow, code that is made must lie as near to it as fireball_core_bounds wants. */
  void *room;
  uint32_t room_bytes;
  /* RAM for the linear memory, at a multiple of 16, as far as it may grow. All of it is zeroed. */
  void *memory;
  uint32_t memory_bytes;
  /* By how many elements each table may grow, as far as its type allows; they are in the room from the beginning. */
  uint32_t table_growth;
  /* As in struct fireball_module. */
  uint32_t stack_limit;
  uint32_t is_near;
  /* After so many calls of a function `hot` is called once for it, and after so many arrivals at one of its loops once for that; 0: never. */
  uint32_t calls;
  uint32_t arrivals;
  /*
   * Is called within the call that was one too many, on its stack, of which one KiB is left at least; it may compile the function right there, or let another task do it. Where a loop was the reason, and the
   * function's code is there, the call under way goes on in it, at once or when it comes to the loop again. A function that has code already may be hot once more: because of a loop that the code has no entry for.
   */
  void (*hot)(struct fireball_program *program, uint32_t function);
  /* Address of the code of an imported function, which is called as compiled code is; 0 where there is none. May be null. */
  uint32_t (*import)(const struct fireball_import *import);
  /* The table, memory or global for an import, which must stay; null where there is none. May be null. */
  const struct fireball_extern *(*import_extern)(const struct fireball_import *import);
  /*
   * A program that was made ready before, or null: types that are equal in it, and in those before it, have the same number here. Programs that share functions by a table or a global must be in one such row, in which indirect
   * calls tell types apart.
   */
  const struct fireball_program *before;
  /* Not 0 where somebody else than the module may let its memory grow. Otherwise a memory for which the module itself has no memory.grow keeps its size, for other programs, too, and code is shorter for that. */
  uint32_t memory_grows;
};

/* The body of a function. */
struct fireball_body {
  const uint8_t *bytes;
  uint32_t length;
  /* Where it begins in the module. */
  uint32_t offset;
};

/* A module that is ready to run. It must stay where it is. */
struct fireball_program {
  /* For fireball_core_module. */
  struct fireball_module module;
  /* How many of its functions are imported; bodies of those behind them. */
  uint32_t import_count;
  const struct fireball_body *bodies;
  /* The function that firmware has to call before any other one; FIREBALL_NO_FUNCTION where there is none. */
  uint32_t start;
  /* Where the module is refused, in bytes from its beginning. */
  uint32_t offset;
  /* How many bytes of the room are in use. */
  uint32_t room_used;
  /* The rest is nobody else's. */
  const struct fireball_setup *setup;
  const uint8_t *exports;
  uint8_t *descriptors;
  uint32_t *profiles;
  uint32_t *entry_shapes;
  uint32_t *pairs;
  uint32_t data_records;
  uint32_t element_records;
};

/*
 * Makes a module ready: reads and validates all of it, and fills memory, tables and globals. It uses the compiler's RAM: fireball_core_init and fireball_core_module come behind it. The setup must stay.
 * Before anything is called, the core must fetch the room's instructions anew.
 */
int32_t fireball_program_load(struct fireball_program *program, const struct fireball_setup *setup);

/* Number of the function that is exported by that name; FIREBALL_NO_FUNCTION where there is none. Its code is where its slot says. */
uint32_t fireball_program_export(const struct fireball_program *program, const char *name);

/* fireball_core_compile of a function with a body: code that the interpreter can go on in at all loops of the function for which `hot` was called. */
int32_t fireball_program_compile(struct fireball_program *program, uint32_t function, struct fireball_code *code);

/*
 * From now on calls of the function, and loops for which it has entries, go to its code, which is there: what fireball_program_compile has made of the function last. Nobody is told of its calls any more.
 * Code that was installed before must stay as long as a call may be under way in it.
 */
int32_t fireball_program_install(struct fireball_program *program, uint32_t function, const uint32_t *code);

#ifdef __cplusplus
}
#endif

#endif
