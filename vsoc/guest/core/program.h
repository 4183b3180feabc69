/* What is kept of a program's functions while they run: profiles, and the loops at which native code may take over. */
#ifndef FIREBALL_PROGRAM_H
#define FIREBALL_PROGRAM_H

#include "loading.h"

/* Words of a profile: calls until the service is asked, less one; native code, of which there is none, because calls find it by the slot; the function's first loop, 0 where it has none (the interpreter would find the slot there for native code); the program. */
enum { PROFILE_COUNTER, PROFILE_NATIVE, PROFILE_LOOPS, PROFILE_PROGRAM, PROFILE_WORDS };
enum { ENTRY_BYTES = 8, SLOT_BYTES = 8, ENDLESS = 0x7fffffff };

#ifdef __thumb__
enum { CODE_BIT = 1 };
#else
enum { CODE_BIT = 0 };
#endif

/* A loop whose arrivals are counted. Those of a function lie in the order of its code behind the last entry of its side table. */
struct loop {
  /* Arrivals until the service is asked, less one: the interpreter counts them. */
  uint32_t left;
  /* Address of the function's profile; bit 0 is set in the last loop of the function. */
  uint32_t profile;
  /* Of the `loop` in the module. */
  uint32_t offset;
  /* Where native code takes over: its address; odd where there is none yet: how far it is behind the beginning of the code that was compiled last, and 1; 0 where nobody has asked. */
  uint32_t entry;
};

static inline uint32_t word_of(const void *pointer) { return (uint32_t)(uintptr_t)pointer; }

static inline uint32_t *profile_of(const struct fireball_program *program, uint32_t function) {
  return program->profiles + PROFILE_WORDS * (function - program->import_count);
}

static inline struct fireball_program *program_of(const uint32_t *profile) { return (struct fireball_program *)(uintptr_t)profile[PROFILE_PROGRAM]; }

static inline uint32_t function_of(const uint32_t *profile) {
  const struct fireball_program *program = program_of(profile);
  return program->import_count + (uint32_t)(profile - program->profiles) / PROFILE_WORDS;
}

static inline uint8_t *descriptor_of(const struct fireball_program *program, uint32_t function) {
  return program->descriptors + DESCRIPTOR_BYTES * (function - program->import_count);
}

/* Their addresses are taken: without a table of offsets. */
#pragma GCC visibility push(hidden)

/* Lets firmware know that a function is hot. */
void program_tell(struct fireball_program *program, uint32_t function);

/* loops-*.S: the service that the interpreter calls at a loop whose counter is used up; it hands on what core_looped says, in registers. */
void core_loop_service(void);
/* Where the activation goes on natively: code, shape of the call, last side entry, bytes of locals; the first is 0 where it does not. */
void core_looped(struct loop *loop, uint32_t replacement[4]);

/* The function that was read last can be entered at those of its loops that have been asked for. */
int32_t loops_enter(struct loop *first);
/* Takes down where the entries are in the code that was compiled last, and counts them. */
int32_t loops_note(struct loop *first, uint32_t *count);
/* The function's code is there; null: it has no loops. */
void loops_install(struct loop *first, uint32_t code);

#pragma GCC visibility pop

#endif
