/* Checks a template set once, so that placing templates need not. */
#include "../derive.h"
#include "packed.h"

#define MAGIC 0x32424246u /* "FBB2" */
#ifdef __thumb__
#define TARGET 0
#else
#define TARGET 1
#endif
#define HEADER_BYTES 8
#define MOST_BYTES 0x10000u

static uint32_t read_half(struct reader *reader) {
  uint32_t low = read_byte(reader);
  return low | read_byte(reader) << 8;
}

static bool check_map(struct reader *reader) {
  uint32_t head = read_byte(reader);
  uint32_t unit_bits = head & 1 ? 32 : 16;
  if ((head >> 4 != 0) && !(DERIVED_HERE >> (head >> 4) & 1)) return false;
  uint32_t run;
  do {
    run = read_half(reader);
    uint32_t count = (run >> 5 & 31) + 1;
    if (reader->failed || (run & 31) + count > 32 || (run >> 10 & 31) + count > unit_bits) return false;
  } while (run < 0x8000);
  return true;
}

static bool check_template(const struct template_set *set, struct reader *reader) {
  const uint8_t *template = reader->at;
  if (reader->end - template < 3) return false;
  uint32_t size = template_size(template);
  uint32_t operands = template_operands(template);
  uint32_t operand_bits = width_of(operands);
  reader->at = template_code(template);
  if (operands > MOST_VALUES || (uint32_t)(reader->end - reader->at) < size) return false;
  reader->at += size;
  struct bits bits = {reader, 0, 0};
  uint32_t offset = 0;
  for (uint32_t points = template_points(template); points != 0; points--) {
    struct point point = read_point(set, &bits, operand_bits);
    offset += point.distance;
    if (point.map >= set->map_count || point.operand >= operands) return false;
    uint32_t head = *map_at(set, point.map);
    if (takes_two(head >> 4) && read_bits(&bits, operand_bits) >= operands) return false;
    if (offset + (head & 1 ? 4 : 2) > size) return false;
  }
  return !reader->failed;
}

/* A kind of branch: number of values; then its forms: template, origin, reach, a source for each operand. */
static bool check_branch(const struct template_set *set, struct reader *reader) {
  uint32_t values = read_byte(reader);
  if (values > MOST_VALUES) return false;
  uint32_t origin;
  do {
    uint32_t id = read_half(reader);
    origin = read_byte(reader);
    uint32_t reach_bits = read_byte(reader) & 31;
    if (reader->failed || reach_bits == 0 || id >= set->template_count) return false;
    for (uint32_t left = template_operands(template_at(set, id)); left != 0; left--) {
      uint32_t source = read_byte(reader);
      if (source != SOURCE_DISTANCE && (source & ~SOURCE_FLIPPED) >= values) return false;
    }
  } while (!(origin & FORM_LAST));
  return !reader->failed;
}

int32_t expander_load(struct template_set *set) {
  struct reader templates = {set->templates, set->templates + set->templates_size, false};
  struct reader branches = {set->branches, set->branches + set->branches_size, false};
  if (set->templates_size < HEADER_BYTES || set->templates_size > MOST_BYTES || set->branches_size > MOST_BYTES) return FAILED(SET);
  uint32_t magic = read_half(&templates);
  magic |= read_half(&templates) << 16;
  if (magic != MAGIC || read_byte(&templates) != TARGET) return FAILED(SET);
  set->map_count = read_byte(&templates);
  set->template_count = read_half(&templates);
  set->branch_count = read_byte(&branches);
  set->map_bits = width_of(set->map_count);
  if (set->map_count + set->template_count + set->branch_count > set->index_length) return FAILED(INDEX);
  uint16_t *index = set->index;
  for (uint32_t left = set->map_count; left != 0; left--) {
    *index++ = (uint16_t)(templates.at - set->templates);
    if (!check_map(&templates)) return FAILED(SET);
  }
  for (uint32_t left = set->template_count; left != 0; left--) {
    *index++ = (uint16_t)(templates.at - set->templates);
    if (!check_template(set, &templates)) return FAILED(SET);
  }
  for (uint32_t left = set->branch_count; left != 0; left--) {
    *index++ = (uint16_t)(branches.at - set->branches);
    if (!check_branch(set, &branches)) return FAILED(SET);
  }
  return templates.at == templates.end && branches.at == branches.end ? 0 : FAILED(SET);
}
