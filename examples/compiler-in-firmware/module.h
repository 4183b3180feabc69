/* A module in the binary format, as far as the example needs it: one that was validated before, without imports, start function and passive segments. */
#ifndef MODULE_H
#define MODULE_H

#include "core.h"

enum { MOST_TYPES = 16, MOST_FUNCTIONS = 32, MOST_GLOBALS = 8, MOST_ELEMENTS = 16, MOST_EXPORTS = 32 };
enum { PAGE_BYTES = 0x10000, MOST_PAGES = 3 };

struct body {
  const uint8_t *bytes;
  uint32_t length;
  /* Where it begins in the module. */
  uint32_t offset;
};

struct export {
  const char *name;
  uint32_t length;
  uint32_t function;
};

/* The instance: what compiled code works on. */
extern uint8_t wasm_memory[MOST_PAGES * PAGE_BYTES];
extern uint32_t wasm_memory_record[4];
extern uint32_t wasm_slots[MOST_FUNCTIONS][2];
extern uint64_t wasm_globals[MOST_GLOBALS];
extern uint32_t wasm_table_record[3];
extern uint32_t wasm_elements[MOST_ELEMENTS];

extern struct fireball_module wasm_module;
extern struct body wasm_bodies[MOST_FUNCTIONS];
extern struct export wasm_exports[MOST_EXPORTS];
extern uint32_t wasm_export_count;

/* Reads the module, and writes memory, globals and table as they are at first. Null, or what is missing here. */
const char *wasm_read(const uint8_t *bytes, uint32_t length);

#endif
