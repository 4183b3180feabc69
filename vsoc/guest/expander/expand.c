/* Walks a selection stream: once for the layout, once to put the code there. */
#include "expander.h"

/* What an item's number says; kinds of branches follow, then templates. */
enum { ITEM_END, ITEM_LABEL, ITEM_TABLE_ENTRY, ITEM_BRANCHES };

/* Single bytes hold small values; above, 1 to 4 bytes of a signed value follow. */
#define LEAST_VALUE (-32)
#define LONG_VALUES 251
#define MOST_LONG 254

/* Values of more than a byte, and the end of the stream, which reads as 0. */
static __attribute__((noinline)) int32_t read_long_value(struct reader *reader) {
  uint32_t first = read_byte(reader);
  if (first > MOST_LONG) reader->failed = true;
  if (first < LONG_VALUES || first > MOST_LONG) return 0;
  uint32_t value = 0;
  uint32_t bits = 0;
  do {
    value |= read_byte(reader) << bits;
    bits += 8;
  } while (first-- > LONG_VALUES);
  return (int32_t)(value << (32 - bits)) >> (32 - bits);
}

/* For where most values are read: inline. */
static inline __attribute__((always_inline)) int32_t read_value_inline(struct reader *reader) {
  if (reader->at < reader->end && *reader->at < LONG_VALUES) return (int32_t)*reader->at++ + LEAST_VALUE;
  return read_long_value(reader);
}

static __attribute__((noinline)) int32_t read_value(struct reader *reader) { return read_value_inline(reader); }

static __attribute__((noinline)) void read_values(struct reader *reader, int32_t *values, uint32_t count) {
  for (; count != 0; count--) *values++ = read_value_inline(reader);
}

static void skip_values(struct reader *reader, uint32_t count) {
  const uint8_t *at = reader->at;
  for (; count != 0 && at < reader->end; count--) {
    uint32_t first = *at++;
    if (first > MOST_LONG) break;
    if (first >= LONG_VALUES) at += first - (LONG_VALUES - 1);
  }
  if (count != 0 || at > reader->end) {
    reader->failed = true;
    at = reader->end;
  }
  reader->at = at;
}

/* Where a form's template, its branch instruction and its sources are. */
static inline uint32_t form_template(const uint8_t *form) { return form[0] | (uint32_t)form[1] << 8; }
static inline uint32_t form_origin(const uint8_t *form) { return form[2] & ~FORM_LAST; }
static inline const uint8_t *form_sources(const uint8_t *form) { return form + 4; }

static inline const uint8_t *next_form(const struct template_set *set, const uint8_t *form) {
  if (form[2] & FORM_LAST) return 0;
  return form_sources(form) + template_operands(template_at(set, form_template(form)));
}

/* `distance` counts from the branch instruction. */
static bool reaches(const uint8_t *form, uint32_t distance) {
  uint32_t bits = form[3] & 31;
  distance -= (form[3] & REACH_BIAS) ? 4 : 0;
  if (!(form[3] & REACH_FORWARDS)) distance += 1u << (bits - 1);
  return distance >> bits == 0;
}

struct walk {
  const struct template_set *set;
  struct function *function;
  struct reader stream;
  uint32_t *labels;
  uint32_t label_count;
  struct placed_branch *branches;
  uint32_t branch_count;
};

static int32_t begin(struct walk *walk, const struct template_set *set, struct function *function) {
  walk->set = set;
  walk->function = function;
  walk->stream = (struct reader){function->stream, function->stream + function->stream_size, false};
  walk->label_count = (uint32_t)read_value(&walk->stream);
  walk->branch_count = (uint32_t)read_value(&walk->stream);
  if (walk->label_count > 0x10000 || walk->branch_count > 0x100000) return FAILED(STREAM);
  function->work_used = walk->label_count + 2 * walk->branch_count;
  if (function->work_used > function->work_length) return FAILED(WORK);
  walk->labels = function->work;
  walk->branches = (struct placed_branch *)(function->work + walk->label_count);
  return 0;
}

/* Offset of the label that comes next in the stream; a label that is none is an error. */
static bool read_label(struct walk *walk, uint32_t *label) {
  *label = (uint32_t)read_value(&walk->stream);
  return *label < walk->label_count;
}

/*
 * Reads the stream. Before there is a layout, it notes labels and branches at their offsets with branches in their nearest
 * form; with `emit` it puts the templates there. Returns the size.
 */
static int32_t walk_stream(struct walk *walk, bool emit) {
  const struct template_set *set = walk->set;
  struct function *function = walk->function;
  struct reader *stream = &walk->stream;
  struct placed_branch *branch = walk->branches;
  uint32_t branches_left = walk->branch_count;
  uint32_t labels_seen = 0;
  uint32_t at = 0;
  for (;;) {
    uint32_t item = (uint32_t)read_value_inline(stream);
    if (item == ITEM_END || stream->failed) break;
    if (item == ITEM_LABEL) {
      if (labels_seen == walk->label_count) return FAILED(STREAM);
      if (!emit) walk->labels[labels_seen] = at;
      labels_seen++;
      continue;
    }
    int32_t values[MOST_VALUES];
    const uint8_t *template;
    const uint8_t *form = 0;
    uint32_t target = 0;
    uint32_t count;
    if (item == ITEM_TABLE_ENTRY) {
      uint32_t id = (uint32_t)read_value(stream);
      uint32_t from;
      if (id >= set->template_count || !read_label(walk, &from) || !read_label(walk, &target)) return FAILED(STREAM);
      template = template_at(set, id);
      if (template_operands(template) != 1) return FAILED(STREAM);
      if (emit) values[0] = (int32_t)(walk->labels[target] - walk->labels[from]) >> 1;
    } else if ((item -= ITEM_BRANCHES) < set->branch_count) {
      form = branch_at(set, item);
      count = *form++;
      int32_t given[MOST_VALUES];
      read_values(stream, given, count);
      uint32_t label = (uint32_t)read_value(stream);
      if (label == 0) {
        /* Out of the function: the widest form, since the address is not known with the layout. */
        target = (uint32_t)read_value(stream) - function->address;
        for (const uint8_t *wider; (wider = next_form(set, form)) != 0;) form = wider;
      } else {
        if (label > walk->label_count || branches_left == 0) return FAILED(STREAM);
        branches_left--;
        if (emit) {
          form = set->branches + branch->form;
          target = walk->labels[label - 1];
        } else {
          branch->at = at;
          branch->label = (uint16_t)(label - 1);
          branch->form = (uint16_t)(form - set->branches);
        }
        branch++;
      }
      template = template_at(set, form_template(form));
      if (emit) {
        uint32_t distance = target - (at + form_origin(form));
        if (!reaches(form, distance)) return FAILED(REACH);
        const uint8_t *sources = form_sources(form);
        for (uint32_t left = template_operands(template), index = 0; index < left; index++) {
          uint32_t source = sources[index];
          values[index] = source == SOURCE_DISTANCE ? (int32_t)distance : given[source & ~SOURCE_FLIPPED] ^ (source & SOURCE_FLIPPED ? 1 : 0);
        }
      }
    } else {
      item -= set->branch_count;
      if (item >= set->template_count) return FAILED(STREAM);
      template = template_at(set, item);
      count = template_operands(template);
      if (emit) read_values(stream, values, count);
      else skip_values(stream, count);
    }
    uint32_t size = template_size(template);
    if (emit) {
      if (function->code_capacity - at < size) return FAILED(CODE);
      if (!patch(set, template, values, function->code + at / 2)) return FAILED(OPERAND);
    }
    at += size;
  }
  return stream->failed || labels_seen != walk->label_count || branches_left != 0 ? FAILED(STREAM) : (int32_t)at;
}

/*
 * Branches only ever widen, so this ends. What lies behind a widened branch moves at once: labels and branches are walked
 * together in the order of their offsets. Returns by how much the code grew.
 */
static int32_t widen(struct walk *walk) {
  const struct template_set *set = walk->set;
  uint32_t growth = 0;
  uint32_t moved = 0;
  for (struct placed_branch *branch = walk->branches, *end = branch + walk->branch_count; branch != end; branch++) {
    while (moved < walk->label_count && walk->labels[moved] <= branch->at) walk->labels[moved++] += growth;
    branch->at += growth;
    const uint8_t *form = set->branches + branch->form;
    for (;;) {
      uint32_t target = walk->labels[branch->label];
      if (branch->label >= moved) target += growth;
      if (reaches(form, target - (branch->at + form_origin(form)))) break;
      const uint8_t *wider = next_form(set, form);
      if (wider == 0) return FAILED(REACH);
      growth += template_size(template_at(set, form_template(wider))) - template_size(template_at(set, form_template(form)));
      form = wider;
    }
    branch->form = (uint16_t)(form - set->branches);
  }
  while (moved < walk->label_count) walk->labels[moved++] += growth;
  return (int32_t)growth;
}

int32_t expander_layout(const struct template_set *set, struct function *function) {
  struct walk walk;
  int32_t failed = begin(&walk, set, function);
  if (failed != 0) return failed;
  int32_t size = walk_stream(&walk, false);
  if (size < 0) return size;
  for (int32_t growth; (growth = widen(&walk)) != 0; size += growth)
    if (growth < 0) return growth;
  return size;
}

int32_t expander_emit(const struct template_set *set, struct function *function) {
  struct walk walk;
  int32_t failed = begin(&walk, set, function);
  return failed != 0 ? failed : walk_stream(&walk, true);
}
