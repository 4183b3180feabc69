/* The f32 instructions. */
#include "rom.h"

#define BITS uint32_t
#define NAME(op) f32_##op
#define HELPER(op) __##op##sf3
#define LEADING_ZEROS(x) __builtin_clz(x)
#define MANTISSA 23
#define BIAS 127
#include "float.h"
