/* Walks a selection stream: once to check it and for the layout, once to put the code there. */
#ifdef COMPILED_IN
#include "compiled/compiled.h"
#else
#include "packed/packed.h"
#endif

/* What an item's number says; kinds of branches follow, then templates. */
enum { ITEM_END, ITEM_LABEL, ITEM_TABLE_ENTRY, ITEM_BRANCHES };

/* Single bytes hold small values; above, 1 to 4 bytes of a signed value follow. */
#define LEAST_VALUE (-32)
#define LONG_VALUES 251
#define MOST_LONG 254

#define MOST_LABELS 0x10000u
#define MOST_BRANCHES 0x100000u

#define INLINE static inline __attribute__((always_inline))

static __attribute__((noinline)) int32_t long_value(const uint8_t *at, uint32_t bytes) {
  uint32_t value = 0;
  uint32_t bits = 0;
  do {
    value |= (uint32_t)*at++ << bits;
    bits += 8;
  } while (--bytes != 0);
  return (int32_t)(value << (32 - bits)) >> (32 - bits);
}

/* The next value of a stream that was checked. */
INLINE int32_t take_value(const uint8_t **at) {
  uint32_t first = *(*at)++;
  if (first < LONG_VALUES) return (int32_t)first + LEAST_VALUE;
  uint32_t bytes = first - (LONG_VALUES - 1);
  int32_t value = long_value(*at, bytes);
  *at += bytes;
  return value;
}

/* The place behind values that need not be all there: then it is behind the end. */
INLINE const uint8_t *skip_values(const uint8_t *at, const uint8_t *end, uint32_t count) {
  for (; count != 0; count--) {
    if (at >= end) return end + 1;
    uint32_t first = *at++;
    if (first < LONG_VALUES) continue;
    if (first > MOST_LONG) return end + 1;
    at += first - (LONG_VALUES - 1);
  }
  return at;
}

/* The next value; 0 behind the end, or where that is in it. */
static __attribute__((noinline)) int32_t read_value(const uint8_t **at, const uint8_t *end) {
  const uint8_t *next = skip_values(*at, end, 1);
  if (next <= end) return take_value(at);
  *at = next;
  return 0;
}

/* Where a form's template, its branch instruction and its sources are. */
INLINE uint32_t form_template(const uint8_t *form) { return form[0] | (uint32_t)form[1] << 8; }
INLINE uint32_t form_origin(const uint8_t *form) { return form[2] & ~FORM_LAST; }
INLINE const uint8_t *form_sources(const uint8_t *form) { return form + 4; }

/* Of a form that is not the last. */
INLINE const uint8_t *next_form(const struct template_set *set, const uint8_t *form) {
  return form_sources(form) + template_operands(template_at(set, form_template(form)));
}

static const uint8_t *last_form(const struct template_set *set, const uint8_t *form) {
  while ((form[2] & FORM_LAST) == 0) form = next_form(set, form);
  return form;
}

/* `distance` counts from the template. */
static bool reaches(const uint8_t *form, uint32_t distance) {
  uint32_t bits = form[3] & 31;
  distance -= form_origin(form) + ((form[3] & REACH_BIAS) ? 4 : 0);
  if (!(form[3] & REACH_FORWARDS)) distance += 1u << (bits - 1);
  return distance >> bits == 0;
}

/* What layout leaves in the function's work for emit. */
struct work {
  uint32_t *labels;
  uint32_t label_count;
  struct placed_branch *branches;
  uint32_t branch_count;
};

/* Checks the stream, and notes labels and branches at their offsets with branches in their nearest form. Returns the size. */
static int32_t scan(const struct template_set *set, struct function *function, struct work *work) {
  const uint8_t *at = function->stream;
  const uint8_t *end = at + function->stream_size;
  work->label_count = (uint32_t)read_value(&at, end);
  work->branch_count = (uint32_t)read_value(&at, end);
  if (at > end || work->label_count > MOST_LABELS || work->branch_count > MOST_BRANCHES) return FAILED(STREAM);
  function->work_used = work->label_count + 2 * work->branch_count;
  if (function->work_used > function->work_length) return FAILED(WORK);
  work->labels = function->work;
  work->branches = (struct placed_branch *)(function->work + work->label_count);

  uint32_t kinds = branch_kinds(set);
  uint32_t *label = work->labels;
  struct placed_branch *branch = work->branches;
  uint32_t size = 0;
  for (;;) {
    if (at >= end) return FAILED(STREAM);
    uint32_t item = (uint32_t)(*at < LONG_VALUES ? *at++ + LEAST_VALUE : read_value(&at, end));
    template_ref template;
    uint32_t count;
    if (item >= ITEM_BRANCHES + kinds) {
      item -= ITEM_BRANCHES + kinds;
      if (item >= template_count(set)) return FAILED(STREAM);
      template = template_at(set, item);
      count = template_operands(template);
    } else if (item == ITEM_LABEL) {
      if (label == (uint32_t *)work->branches) return FAILED(STREAM);
      *label++ = size;
      continue;
    } else if (item >= ITEM_BRANCHES) {
      const uint8_t *form = branch_at(set, item - ITEM_BRANCHES);
      count = *form++;
      at = skip_values(at, end, count);
      uint32_t target = (uint32_t)read_value(&at, end);
      if (target != 0) {
        if (target > work->label_count || branch == work->branches + work->branch_count) return FAILED(STREAM);
        *branch++ = (struct placed_branch){size, (uint16_t)(target - 1), (uint16_t)(form - branch_forms(set))};
      } else {
        /* Out of the function: the widest form, since the address is not known with the layout. */
        form = last_form(set, form);
        read_value(&at, end);
      }
      count = 0;
      template = template_at(set, form_template(form));
    } else if (item == ITEM_TABLE_ENTRY) {
      uint32_t id = (uint32_t)read_value(&at, end);
      uint32_t from = (uint32_t)read_value(&at, end);
      uint32_t target = (uint32_t)read_value(&at, end);
      if (id >= template_count(set) || from >= work->label_count || target >= work->label_count) return FAILED(STREAM);
      template = template_at(set, id);
      if (template_operands(template) != 1) return FAILED(STREAM);
      count = 0;
    } else break;
    at = skip_values(at, end, count);
    size += template_size(template);
  }
  /* It ends where it says so, with every label and every branch. */
  if (at > end || label != (uint32_t *)work->branches || branch != work->branches + work->branch_count) return FAILED(STREAM);
  return (int32_t)size;
}

/*
 * Branches only ever widen, so this ends. What lies behind a widened branch moves at once: labels and branches are walked
 * together in the order of their offsets. Returns by how much the code grew.
 */
static uint32_t widen(const struct template_set *set, const struct work *work) {
  uint32_t *labels = work->labels;
  uint32_t label_count = work->label_count;
  const uint8_t *forms = branch_forms(set);
  uint32_t growth = 0;
  uint32_t moved = 0;
  for (struct placed_branch *branch = work->branches, *end = branch + work->branch_count; branch != end; branch++) {
    uint32_t at = branch->at;
    while (moved < label_count && labels[moved] <= at) labels[moved++] += growth;
    at += growth;
    branch->at = at;
    const uint8_t *form = forms + branch->form;
    if (form[2] & FORM_LAST) continue;
    uint32_t distance = labels[branch->label] - at;
    if (branch->label >= moved) distance += growth;
    if (reaches(form, distance)) continue;
    growth -= template_size(template_at(set, form_template(form)));
    do form = next_form(set, form);
    while ((form[2] & FORM_LAST) == 0 && !reaches(form, distance));
    growth += template_size(template_at(set, form_template(form)));
    branch->form = (uint16_t)(form - forms);
  }
  while (moved < label_count) labels[moved++] += growth;
  return growth;
}

int32_t expander_layout(const struct template_set *set, struct function *function) {
  struct work work;
  int32_t size = scan(set, function, &work);
  if (size < 0) return size;
  for (uint32_t growth; (growth = widen(set, &work)) != 0;) size += (int32_t)growth;
  function->size = (uint32_t)size;
  return size;
}

/* Layout has checked the stream, and noted the labels and branches in it. */
int32_t expander_emit(const struct template_set *set, struct function *function) {
  if (function->code_capacity < function->size) return FAILED(CODE);
  const uint8_t *at = function->stream;
  const uint32_t *labels = function->work;
  const struct placed_branch *branch = (const struct placed_branch *)(labels + take_value(&at));
  take_value(&at);
  uint32_t kinds = branch_kinds(set);
  uint16_t *code = function->code;
  for (;;) {
    uint32_t item = (uint32_t)take_value(&at);
    int32_t values[MOST_VALUES];
    template_ref template;
    if (item >= ITEM_BRANCHES + kinds) {
      template = template_at(set, item - (ITEM_BRANCHES + kinds));
      int32_t *value = values;
      for (uint32_t left = template_operands(template); left != 0; left--) *value++ = take_value(&at);
    } else if (item == ITEM_LABEL) {
      continue;
    } else if (item >= ITEM_BRANCHES) {
      const uint8_t *form = branch_at(set, item - ITEM_BRANCHES);
      int32_t given[MOST_VALUES];
      int32_t *value = given;
      for (uint32_t left = *form++; left != 0; left--) *value++ = take_value(&at);
      uint32_t label = (uint32_t)take_value(&at);
      uint32_t distance = (uint32_t)((uint8_t *)function->code - (uint8_t *)code);
      if (label != 0) {
        form = branch_forms(set) + branch++->form;
        distance += labels[label - 1];
      } else {
        form = last_form(set, form);
        distance += (uint32_t)take_value(&at) - function->address;
      }
      if (!reaches(form, distance)) return FAILED(REACH);
      distance -= form_origin(form);
      template = template_at(set, form_template(form));
      const uint8_t *source = form_sources(form);
      value = values;
      for (uint32_t left = template_operands(template); left != 0; left--, source++)
        *value++ = *source == SOURCE_DISTANCE ? (int32_t)distance : given[*source & ~SOURCE_FLIPPED] ^ (*source >> 7);
    } else if (item == ITEM_TABLE_ENTRY) {
      template = template_at(set, (uint32_t)take_value(&at));
      const uint32_t *from = labels + take_value(&at);
      values[0] = (int32_t)(labels[take_value(&at)] - *from) >> 1;
    } else return (int32_t)function->size;
    if (!patch(set, template, values, code)) return FAILED(OPERAND);
    code += template_size(template) / 2;
  }
}
