/* The f64 instructions. */
#include "rom.h"

#define BITS uint64_t
#define NAME(op) f64_##op
#define HELPER(op) __##op##df3
#define LEADING_ZEROS(x) __builtin_clzll(x)
#define MANTISSA 52
#define BIAS 1023
#include "float.h"
