/*
 * The expander: what a device needs to turn a selection stream (jit/STREAM.md) into machine code. It knows no instruction set: templates
 * are data that came with the device, in packed form (packed/packed.h), or compiled into it (compiled/compiled.h). It allocates nothing: the
 * caller owns every buffer, and whatever template set and stream hold, nothing outside these buffers is written, nor anything outside them read.
 *
 *     expander_load     once: checks a packed template set, and indexes it
 *     expander_layout   a function: checks its stream; offsets of its labels and branches, branch forms; says how large the code is
 *     expander_emit     the same function, for an address: copies templates and fills their holes
 *     expander_crc32    of the finished code
 */
#ifndef FIREBALL_EXPANDER_H
#define FIREBALL_EXPANDER_H

#include <stdbool.h>
#include <stdint.h>

/* Errors; their numbers (ERROR_*) and those of derived functions (DERIVE_*) come from the builder, which takes them from jit's tables. */
#define FAILED(kind) (-(int32_t)ERROR_##kind)

/* Branch forms (jit/STREAM.md, "Branch forms"). */
#define FORM_LAST 0x80u
#define REACH_BIAS 0x20u
#define REACH_FORWARDS 0x40u
#define SOURCE_FLIPPED 0x80u
#define SOURCE_DISTANCE 0xffu

/* Most operands of a template and values of a branch. */
#define MOST_VALUES 16

struct template_set;

struct placed_branch {
  /* Offset in the code. */
  uint32_t at;
  uint16_t label;
  /* The form chosen, as an offset in the packed branch forms. */
  uint16_t form;
};

struct function {
  const uint8_t *stream;
  uint32_t stream_size;
  /* One word for each label, two for each branch to a label. */
  uint32_t *work;
  uint32_t work_length;
  /* Where the code is put (staging), and where it will run. */
  uint16_t *code;
  uint32_t code_capacity;
  uint32_t address;
  /* Words of `work` that it takes, and bytes of code; filled by expander_layout. */
  uint32_t work_used;
  uint32_t size;
};

/* 0 or an error. */
int32_t expander_load(struct template_set *set);
/* Size of the code in bytes, or an error. */
int32_t expander_layout(const struct template_set *set, struct function *function);
/* The same; stream, work and size must be as expander_layout had and left them. */
int32_t expander_emit(const struct template_set *set, struct function *function);
uint32_t expander_crc32(const uint16_t *code, uint32_t size);

#endif
