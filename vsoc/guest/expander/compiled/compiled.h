/* Templates and branch forms that were compiled into the expander: code for each shape of template, made by the builder of the metadata that the host patches by. */
#ifndef FIREBALL_COMPILED_H
#define FIREBALL_COMPILED_H

#include "../derive.h"
#include "../expander.h"

#ifdef __thumb__
#include "generated/templates-thumb2.inc"
#else
#include "generated/templates-rv32.inc"
#endif

/* By number. */
typedef uint32_t template_ref;

static inline template_ref template_at(const struct template_set *set, uint32_t id) {
  (void)set;
  return id;
}

static inline uint32_t template_size(template_ref template) { return 2u * (template_facts[template] & 31); }
static inline uint32_t template_operands(template_ref template) { return template_facts[template] >> 5 & 7; }

static inline uint32_t template_count(const struct template_set *set) {
  (void)set;
  return TEMPLATE_COUNT;
}

static inline uint32_t branch_kinds(const struct template_set *set) {
  (void)set;
  return BRANCH_KINDS;
}

static inline const uint8_t *branch_forms(const struct template_set *set) {
  (void)set;
  return packed_branches;
}

static inline const uint8_t *branch_at(const struct template_set *set, uint32_t kind) {
  (void)set;
  return packed_branches + branch_places[kind];
}

static inline __attribute__((always_inline)) bool patch(const struct template_set *set, template_ref template, const int32_t *values, uint16_t *code) {
  (void)set;
  return fill(template, (const uint32_t *)values, code);
}

#endif
