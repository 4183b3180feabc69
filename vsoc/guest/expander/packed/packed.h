/* Packed templates (jit/TEMPLATES.md, "Packed form") and branch forms as data: any set. */
#ifndef FIREBALL_PACKED_H
#define FIREBALL_PACKED_H

#include "../expander.h"

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

/* Bytes that may end early: from then on every byte is 0, and `failed` is set. */
struct reader {
  const uint8_t *at;
  const uint8_t *end;
  bool failed;
};

uint32_t read_byte(struct reader *reader);

static inline const uint8_t *map_at(const struct template_set *set, uint32_t map) { return set->templates + set->index[map]; }

/* A template, and its head. */
typedef const uint8_t *template_ref;

static inline template_ref template_at(const struct template_set *set, uint32_t id) { return set->templates + set->index[set->map_count + id]; }

static inline uint32_t template_size(template_ref template) { return 2u * template[0]; }
static inline uint32_t template_operands(template_ref template) { return template[1] & 0x7f; }
static inline uint32_t template_points(template_ref template) { return template[2]; }
static inline const uint8_t *template_code(template_ref template) { return template + 3; }
static inline uint32_t template_count(const struct template_set *set) { return set->template_count; }

static inline uint32_t branch_kinds(const struct template_set *set) { return set->branch_count; }
static inline const uint8_t *branch_forms(const struct template_set *set) { return set->branches; }

static inline const uint8_t *branch_at(const struct template_set *set, uint32_t kind) {
  return set->branches + set->index[set->map_count + set->template_count + kind];
}

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

#define DERIVE_BIT(name) (1u << DERIVE_##name)
#ifdef __thumb__
#define DERIVED_HERE \
  (DERIVE_BIT(NEG32) | DERIVE_BIT(MINUS1) | DERIVE_BIT(MSB) | DERIVE_BIT(T32MODIFIEDIMMEDIATE) | DERIVE_BIT(UPDOWN) | DERIVE_BIT(VFPIMMEDIATE) | \
   DERIVE_BIT(FIELD))
#else
#define DERIVED_HERE (DERIVE_BIT(HI20) | DERIVE_BIT(LO12) | DERIVE_BIT(NEG32) | DERIVE_BIT(MINUS1) | DERIVE_BIT(MSB) | DERIVE_BIT(FIELD))
#endif

/* Writes an instance of the template; false where a derived value does not exist. */
bool patch(const struct template_set *set, template_ref template, const int32_t *values, uint16_t *code);

#endif
