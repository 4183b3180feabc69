/*
 * The instructions of one floating type, on raw bits. Included once per width with
 *   BITS      unsigned integer of the type's width
 *   NAME(op)  the instruction's name
 *   HELPER(op) the compiler library's routine for round-to-nearest arithmetic
 *   LEADING_ZEROS(x)  of BITS other than 0
 *   MANTISSA  explicit mantissa bits
 *   BIAS      exponent bias
 */

typedef BITS bits;

#define SIGN ((bits)1 << (sizeof(bits) * 8 - 1))
#define INFINITE ((bits)(2 * BIAS + 1) << MANTISSA)
#define QUIET_NAN (INFINITE | ((bits)1 << (MANTISSA - 1)))
#define ONE ((bits)BIAS << MANTISSA)
#define HALF ((bits)(BIAS - 1) << MANTISSA)

static inline bool is_nan(bits x) { return NAME(is_nan)(x); }

static inline bits canonical(bits x) { return is_nan(x) ? QUIET_NAN : x; }

/*
 * A finite magnitude being computed: `fraction` has the hidden bit at MANTISSA + 3 and three bits
 * below the result's last one, the lowest of them sticky. A biased exponent of 1 with the hidden bit
 * clear is a subnormal number, so that packing needs no case for it.
 */
#define GUARD 3
#define HIDDEN ((bits)1 << (MANTISSA + GUARD))

/* Shifts right; the last bit says whether anything was lost. */
static inline bits shift_sticky(bits x, unsigned count) {
  if (count > MANTISSA + GUARD) return x != 0;
  return (x >> count) | ((x & (((bits)1 << count) - 1)) != 0);
}

/* Rounds to nearest, ties to even. A carry out of the mantissa raises the exponent, up to infinity. */
static inline bits pack(bits sign, int exponent, bits fraction) {
  if (exponent > 2 * BIAS) return sign | INFINITE;
  const bits result = ((bits)(exponent - 1) << MANTISSA) + (fraction >> GUARD);
  const unsigned rest = fraction & 7;
  return sign | (result + (rest + (result & 1) > 4));
}

static inline int field_of(bits x) { return (int)((x & ~SIGN) >> MANTISSA); }

static inline bits fraction_of(bits x) {
  const bits fraction = (x << GUARD) & (HIDDEN - 1);
  return field_of(x) == 0 ? fraction : fraction | HIDDEN;
}

/*
 * Our own, because the Arm library's 64-bit addition rounds wrongly in rare cases: where the
 * exponents differ by 33 and the difference loses a leading bit, the bit behind it is not kept.
 */
static bits sum(bits x, bits y) {
  if ((bits)(x << 1) < (bits)(y << 1)) {
    const bits smaller = x;
    x = y;
    y = smaller;
  }
  const bool opposite = ((x ^ y) & SIGN) != 0;
  if ((x & ~SIGN) >= INFINITE) return is_nan(x) || (opposite && (y & ~SIGN) == INFINITE) ? QUIET_NAN : x;
  int exponent = field_of(x);
  exponent += exponent == 0;
  const int other = field_of(y);
  bits fraction = fraction_of(x);
  const bits addend = shift_sticky(fraction_of(y), (unsigned)(exponent - other - (other == 0)));
  if (opposite) {
    fraction -= addend;
    /* An exact zero is positive. */
    if (fraction == 0) return 0;
    if (fraction < HIDDEN) {
      int lift = LEADING_ZEROS(fraction) - LEADING_ZEROS(HIDDEN);
      if (lift >= exponent) lift = exponent - 1;
      fraction <<= lift;
      exponent -= lift;
    }
  } else {
    fraction += addend;
    if (fraction >= HIDDEN << 1) {
      fraction = shift_sticky(fraction, 1);
      exponent++;
    }
  }
  return pack(x & SIGN, exponent, fraction);
}

bits NAME(add)(bits x, bits y) { return sum(x, y); }
bits NAME(sub)(bits x, bits y) { return sum(x, y ^ SIGN); }

/* The library rounds right and keeps subnormals; what it does with NaNs is its own affair. */
bits HELPER(mul)(bits, bits);
bits HELPER(div)(bits, bits);

bits NAME(mul)(bits x, bits y) { return canonical(HELPER(mul)(x, y)); }
bits NAME(div)(bits x, bits y) { return canonical(HELPER(div)(x, y)); }

/* Sign moves touch one bit, in NaNs too. */
bits NAME(abs)(bits x) { return x & ~SIGN; }
bits NAME(neg)(bits x) { return x ^ SIGN; }
bits NAME(copysign)(bits x, bits y) { return (x & ~SIGN) | (y & SIGN); }

/* Orders all numbers as unsigned integers, -0 right below +0. */
static inline bits order(bits x) { return x & SIGN ? ~x : x | SIGN; }

static inline bool both_zero(bits x, bits y) { return (bits)((x | y) << 1) == 0; }

uint32_t NAME(eq)(bits x, bits y) { return !is_nan(x) && !is_nan(y) && (x == y || both_zero(x, y)); }

uint32_t NAME(ne)(bits x, bits y) { return !NAME(eq)(x, y); }

uint32_t NAME(lt)(bits x, bits y) {
  return !is_nan(x) && !is_nan(y) && order(x) < order(y) && !both_zero(x, y);
}

uint32_t NAME(le)(bits x, bits y) {
  return !is_nan(x) && !is_nan(y) && (order(x) <= order(y) || both_zero(x, y));
}

uint32_t NAME(gt)(bits x, bits y) { return NAME(lt)(y, x); }

uint32_t NAME(ge)(bits x, bits y) { return NAME(le)(y, x); }

bits NAME(min)(bits x, bits y) {
  if (is_nan(x) || is_nan(y)) return QUIET_NAN;
  return order(x) < order(y) ? x : y;
}

bits NAME(max)(bits x, bits y) {
  if (is_nan(x) || is_nan(y)) return QUIET_NAN;
  return order(x) < order(y) ? y : x;
}

static inline int exponent_of(bits x) { return (int)((x & ~SIGN) >> MANTISSA) - BIAS; }

/* Rounds the magnitude down, or up where `away` is set and there is a fraction. */
static bits to_whole(bits x, bool away) {
  const int exponent = exponent_of(x);
  if (exponent >= MANTISSA) return canonical(x);
  if (exponent < 0) return (x & SIGN) | (away && (x & ~SIGN) != 0 ? ONE : 0);
  const bits fraction = (((bits)1 << MANTISSA) - 1) >> exponent;
  /* A carry out of the mantissa is the next exponent, as it should be. */
  return (away ? x + fraction : x) & ~fraction;
}

bits NAME(trunc)(bits x) { return to_whole(x, false); }
bits NAME(ceil)(bits x) { return to_whole(x, !(x & SIGN)); }
bits NAME(floor)(bits x) { return to_whole(x, (x & SIGN) != 0); }

bits NAME(nearest)(bits x) {
  const int exponent = exponent_of(x);
  if (exponent >= MANTISSA) return canonical(x);
  if (exponent < 0) return (x & SIGN) | ((x & ~SIGN) > HALF ? ONE : 0);
  const bits fraction = (((bits)1 << MANTISSA) - 1) >> exponent;
  /* Ties go to even. Where the lowest whole bit is the hidden one, the exponent's low bit stands
     for it: it is 1 for numbers from 1 to 2, since the bias is odd. */
  const bits odd = (x >> (MANTISSA - exponent)) & 1;
  return (x + (fraction >> 1) + odd) & ~fraction;
}

/* Digit by digit, one result bit a step and one more for rounding; a square root is never a tie. */
bits NAME(sqrt)(bits x) {
  if ((x & ~SIGN) == 0 || x == INFINITE) return x;
  if ((x & SIGN) || is_nan(x)) return QUIET_NAN;
  int exponent = exponent_of(x);
  bits rest = x & (((bits)1 << MANTISSA) - 1);
  if (exponent == -BIAS) {
    const int lift = LEADING_ZEROS(rest) - LEADING_ZEROS((bits)1 << MANTISSA);
    rest <<= lift;
    exponent += 1 - lift;
  } else {
    rest |= (bits)1 << MANTISSA;
  }
  rest <<= 1 + (exponent & 1);
  bits root = 0;
  bits twice = 0;
  for (bits digit = (bits)1 << (MANTISSA + 1); digit != 0; digit >>= 1) {
    const bits trial = twice + digit;
    if (trial <= rest) {
      twice = trial + digit;
      rest -= trial;
      root += digit;
    }
    rest <<= 1;
  }
  root = (root + (root & 1)) >> 1;
  /* The hidden bit adds one to the exponent field. */
  return root + ((bits)((exponent >> 1) + BIAS - 1) << MANTISSA);
}
