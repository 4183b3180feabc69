/*
 * Bulk instructions on memories and tables. Their last argument is the address of a record in guest
 * RAM (jit/ABI.md, "Instances"). The whole range is checked before anything is written, and sums
 * cannot wrap: `size - n` is taken after n <= size.
 */
#include "rom.h"

struct memory {
  uint32_t size;
  uint8_t *bytes;
  uint32_t maximal_pages;
  uint32_t page_size;
};

struct table {
  uint32_t count;
  uint32_t maximum;
  uint32_t *elements;
  uint32_t capacity;
};

/* Of a dropped segment the length is 0. */
struct data {
  uint32_t size;
  const uint8_t *bytes;
};

struct elements {
  uint32_t count;
  const uint32_t *words;
};

struct memory_init {
  struct memory *memory;
  const struct data *data;
};

struct table_copy {
  struct table *to;
  const struct table *from;
};

struct table_init {
  struct table *table;
  const struct elements *elements;
};

static inline bool outside(uint32_t start, uint32_t n, uint32_t size) { return n > size || start > size - n; }

static void require_memory(uint32_t start, uint32_t n, uint32_t size) {
  if (outside(start, n, size)) TRAP(TRAP_OUT_OF_BOUNDS_MEMORY_ACCESS);
}

static void require_table(uint32_t start, uint32_t n, uint32_t count) {
  if (outside(start, n, count)) TRAP(TRAP_OUT_OF_BOUNDS_TABLE_ACCESS);
}

static bool misaligned(const void *p) { return ((uintptr_t)p & 3) != 0; }

/*
 * The ranges may overlap. Words are moved where both ends allow it: wasm memory may be misaligned,
 * and not every core takes misaligned words.
 */
static void move(uint8_t *to, const uint8_t *from, uint32_t n) {
  const bool words = !misaligned((const void *)((uintptr_t)to ^ (uintptr_t)from));
  if ((uintptr_t)to - (uintptr_t)from >= n) {
    if (words) {
      for (; n > 0 && misaligned(to); n--) *to++ = *from++;
      for (; n >= 4; n -= 4, to += 4, from += 4) *(uint32_t *)to = *(const uint32_t *)from;
    }
    for (; n > 0; n--) *to++ = *from++;
    return;
  }
  to += n;
  from += n;
  if (words) {
    for (; n > 0 && misaligned(to); n--) *--to = *--from;
    for (; n >= 4; n -= 4) {
      to -= 4;
      from -= 4;
      *(uint32_t *)to = *(const uint32_t *)from;
    }
  }
  for (; n > 0; n--) *--to = *--from;
}

static void move_words(uint32_t *to, const uint32_t *from, uint32_t n) {
  move((uint8_t *)to, (const uint8_t *)from, n * 4);
}

static void fill_words(uint32_t *to, uint32_t value, uint32_t n) {
  for (; n > 0; n--) *to++ = value;
}

void memory_copy(uint32_t to, uint32_t from, uint32_t n, struct memory *memory) {
  require_memory(from, n, memory->size);
  require_memory(to, n, memory->size);
  move(memory->bytes + to, memory->bytes + from, n);
}

void memory_fill(uint32_t to, uint32_t value, uint32_t n, struct memory *memory) {
  require_memory(to, n, memory->size);
  uint8_t *p = memory->bytes + to;
  for (; n > 0 && misaligned(p); n--) *p++ = (uint8_t)value;
  fill_words((uint32_t *)p, (value & 0xff) * 0x01010101u, n / 4);
  p += n & ~3u;
  for (n &= 3; n > 0; n--) *p++ = (uint8_t)value;
}

void memory_init(uint32_t to, uint32_t from, uint32_t n, const struct memory_init *d) {
  require_memory(from, n, d->data->size);
  require_memory(to, n, d->memory->size);
  move(d->memory->bytes + to, d->data->bytes + from, n);
}

/*
 * For systems without a host that grows memories: up to the maximum in the record there is RAM behind
 * the memory, zero since the system's start.
 */
uint32_t memory_grow(uint32_t pages, struct memory *memory) {
  const uint32_t old = memory->size / memory->page_size;
  if (outside(old, pages, memory->maximal_pages)) return UINT32_MAX;
  memory->size = (old + pages) * memory->page_size;
  return old;
}

uint32_t table_get(uint32_t index, struct table *table) {
  require_table(index, 1, table->count);
  return table->elements[index];
}

void table_set(uint32_t index, uint32_t value, struct table *table) {
  require_table(index, 1, table->count);
  table->elements[index] = value;
}

/* The capacity may be less than the declared maximum: the system gives no more. */
uint32_t table_grow(uint32_t value, uint32_t n, struct table *table) {
  const uint32_t old = table->count;
  if (outside(old, n, table->maximum) || outside(old, n, table->capacity)) return UINT32_MAX;
  fill_words(table->elements + old, value, n);
  table->count = old + n;
  return old;
}

void table_fill(uint32_t to, uint32_t value, uint32_t n, struct table *table) {
  require_table(to, n, table->count);
  fill_words(table->elements + to, value, n);
}

void table_copy(uint32_t to, uint32_t from, uint32_t n, const struct table_copy *d) {
  require_table(from, n, d->from->count);
  require_table(to, n, d->to->count);
  move_words(d->to->elements + to, d->from->elements + from, n);
}

void table_init(uint32_t to, uint32_t from, uint32_t n, const struct table_init *d) {
  require_table(from, n, d->elements->count);
  require_table(to, n, d->table->count);
  move_words(d->table->elements + to, d->elements->words + from, n);
}
