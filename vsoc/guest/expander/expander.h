/*
 * The expander: what a device needs to turn a selection stream (jit/STREAM.md) into machine code with packed templates
 * (jit/TEMPLATES.md, "Packed form"). It knows no instruction set. It allocates nothing: the caller owns every buffer, and
 * whatever template set and stream hold, nothing outside these buffers is written, nor anything outside them read.
 *
 *     expander_load     once: checks a template set, and indexes it
 *     expander_layout   a function: offsets of its labels and branches, branch forms; says how large the code is
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

struct template_set {
  /* Packed templates. */
  const uint8_t *templates;
  uint32_t templates_size;
  /* Packed branch forms. */
  const uint8_t *branches;
  uint32_t branches_size;
  /* One half-word for each field map, template and kind of branch. */
  uint16_t *index;
  uint32_t index_length;
  /* Filled by expander_load. */
  uint32_t map_count;
  uint32_t template_count;
  uint32_t branch_count;
  uint32_t map_bits;
};

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
  /* Words of `work` that it takes; filled by expander_layout. */
  uint32_t work_used;
};


/* 0 or an error. */
int32_t expander_load(struct template_set *set);
/* Size of the code in bytes, or an error. */
int32_t expander_layout(const struct template_set *set, struct function *function);
/* The same; `work` must be as expander_layout left it. */
int32_t expander_emit(const struct template_set *set, struct function *function);
uint32_t expander_crc32(const uint16_t *code, uint32_t size);


/* Bytes that may end early: from then on every byte is 0, and `failed` is set. */
struct reader {
  const uint8_t *at;
  const uint8_t *end;
  bool failed;
};

uint32_t read_byte(struct reader *reader);

static inline const uint8_t *map_at(const struct template_set *set, uint32_t map) { return set->templates + set->index[map]; }

static inline const uint8_t *template_at(const struct template_set *set, uint32_t id) {
  return set->templates + set->index[set->map_count + id];
}

static inline const uint8_t *branch_at(const struct template_set *set, uint32_t kind) {
  return set->branches + set->index[set->map_count + set->template_count + kind];
}

/* Head of a packed template. */
static inline uint32_t template_size(const uint8_t *template) { return 2u * template[0]; }
static inline uint32_t template_operands(const uint8_t *template) { return template[1] & 0x7f; }
static inline uint32_t template_points(const uint8_t *template) { return template[2]; }
static inline const uint8_t *template_code(const uint8_t *template) { return template + 3; }

/* Bits that hold the numbers 0 .. count - 1. */
uint32_t width_of(uint32_t count);

/* A bit string, least significant bit first. */
struct bits {
  struct reader *reader;
  uint32_t pending;
  uint32_t count;
};

uint32_t read_bits(struct bits *bits, uint32_t width);

/* One hole of a template, as packed. */
struct point {
  /* Bytes from the instruction of the point before. */
  uint32_t distance;
  uint32_t map;
  uint32_t operand;
};

struct point read_point(const struct template_set *set, struct bits *bits, uint32_t operand_bits);

/* Derived functions by number. Targets leave out those that only encodings of the others need. */
#define DERIVE_BIT(name) (1u << DERIVE_##name)
#ifdef __thumb__
#define DERIVED_HERE \
  (DERIVE_BIT(NEG32) | DERIVE_BIT(MINUS1) | DERIVE_BIT(MSB) | DERIVE_BIT(T32MODIFIEDIMMEDIATE) | DERIVE_BIT(UPDOWN) | DERIVE_BIT(VFPIMMEDIATE))
#else
#define DERIVED_HERE (DERIVE_BIT(HI20) | DERIVE_BIT(LO12) | DERIVE_BIT(NEG32) | DERIVE_BIT(MINUS1) | DERIVE_BIT(MSB))
#endif

/* Writes an instance of the template; false where a derived value does not exist. */
bool patch(const struct template_set *set, const uint8_t *template, const int32_t *values, uint16_t *code);

#endif
