/*
 * The instructions of one floating type, on raw bits. Included once per width with
 *   BITS      unsigned integer of the type's width
 *   NAME(op)  the instruction's name
 *   LEADING_ZEROS(x)  of BITS other than 0
 *   MULTIPLY_HIGH(x, y)  upper half of the product; its last bit also says whether the lower is not 0
 *   LEADING_WORD(x)      bits MANTISSA + 2 .. of x, moved to the top of a 32-bit word
 *   MANTISSA  explicit mantissa bits
 *   BIAS      exponent bias
 *
 * The compiler library's routines are not used: Arm's 64-bit addition rounds wrongly in rare cases
 * (exponents 33 apart, and the difference loses its leading bit), RISC-V's take twice the room and
 * time, and what NaN they return is their own affair.
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
 * A magnitude being computed: `fraction` has the hidden bit at MANTISSA + 3 and three bits below the
 * result's last one, the lowest of them sticky. `exponent` is biased. Where it is 1 the hidden bit may
 * be clear: a subnormal number, which packing then needs no case for.
 */
#define GUARD 3
#define HIDDEN ((bits)1 << (MANTISSA + GUARD))

/* Shifts right; the last bit says whether anything was lost. */
static inline bits shift_sticky(bits x, unsigned count) {
  if (count > MANTISSA + GUARD) return x != 0;
  return (x >> count) | ((x & (((bits)1 << count) - 1)) != 0);
}

/* Rounds to nearest, ties to even. A carry out of the mantissa raises the exponent, up to infinity. */
static bits pack(bits sign, int exponent, bits fraction) {
  if (exponent > 2 * BIAS) return sign | INFINITE;
  if (exponent < 1) {
    fraction = shift_sticky(fraction, (unsigned)(1 - exponent));
    exponent = 1;
  }
  const bits result = ((bits)(exponent - 1) << MANTISSA) + (fraction >> GUARD);
  const unsigned rest = fraction & 7;
  return sign | (result + (rest + (result & 1) > 4));
}

static inline int field_of(bits x) { return (int)((x & ~SIGN) >> MANTISSA); }

static inline bits fraction_of(bits x) {
  const bits fraction = (x << GUARD) & (HIDDEN - 1);
  return field_of(x) == 0 ? fraction : fraction | HIDDEN;
}

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
      fraction = (fraction >> 1) | (fraction & 1);
      exponent++;
    }
  }
  return pack(x & SIGN, exponent, fraction);
}

bits NAME(add)(bits x, bits y) { return sum(x, y); }
bits NAME(sub)(bits x, bits y) { return sum(x, y ^ SIGN); }

/* Neither normal number: zero, subnormal, infinite or NaN. */
static inline bool is_special(int field) { return (unsigned)(field - 1) >= 2 * BIAS; }

static inline bits mantissa_of(bits x) { return (x & (((bits)1 << MANTISSA) - 1)) | ((bits)1 << MANTISSA); }

/* By how much a subnormal number's mantissa is to be shifted to have its leading bit in place. */
static int lift_of(bits x) { return LEADING_ZEROS(x & ~SIGN) - LEADING_ZEROS((bits)1 << MANTISSA); }

/* Mantissa of a subnormal number with its leading bit in place; `field` becomes its exponent. */
#define NORMALIZE(x, mantissa, field)    \
  do {                                   \
    if (field == 0) {                    \
      const int lift = lift_of(x);       \
      mantissa = (x & ~SIGN) << lift;    \
      field = 1 - lift;                  \
    }                                    \
  } while (0)

bits NAME(mul)(bits x, bits y) {
  const bits sign = (x ^ y) & SIGN;
  int ex = field_of(x);
  int ey = field_of(y);
  bits a = mantissa_of(x);
  bits b = mantissa_of(y);
  if (is_special(ex) || is_special(ey)) {
    const bool zero = (x & ~SIGN) == 0 || (y & ~SIGN) == 0;
    if (ex > 2 * BIAS || ey > 2 * BIAS) return zero || is_nan(x) || is_nan(y) ? QUIET_NAN : sign | INFINITE;
    if (zero) return sign;
    NORMALIZE(x, a, ex);
    NORMALIZE(y, b, ey);
  }
  /* The upper half of the shifted product has its leading bit at HIDDEN or one above. */
  const int up = (int)sizeof(bits) * 8 - MANTISSA + GUARD;
  bits fraction = MULTIPLY_HIGH(a << (up + 1) / 2, b << up / 2);
  int exponent = ex + ey - BIAS;
  if (fraction >= HIDDEN << 1) {
    fraction = (fraction >> 1) | (fraction & 1);
    exponent++;
  }
  return pack(sign, exponent, fraction);
}

/*
 * Digits of 14 bits by the hardware's 32-bit division: of the divisor's 16 leading bits, rounded up,
 * so that a digit is never too great, and at most three too small. What a digit leaves to the next is
 * below four divisors, which fits; sums are taken modulo the word, and so is the remainder.
 */
#define DIGIT 14
#define DIGITS ((MANTISSA + GUARD + DIGIT) / DIGIT)

bits NAME(div)(bits x, bits y) {
  const bits sign = (x ^ y) & SIGN;
  int ex = field_of(x);
  int ey = field_of(y);
  bits rest = mantissa_of(x);
  bits divisor = mantissa_of(y);
  if (is_special(ex) || is_special(ey)) {
    if (is_nan(x) || is_nan(y)) return QUIET_NAN;
    const bool from_zero = (x & ~SIGN) == 0;
    const bool by_zero = (y & ~SIGN) == 0;
    const bool from_infinity = ex > 2 * BIAS;
    const bool by_infinity = ey > 2 * BIAS;
    if ((from_zero && by_zero) || (from_infinity && by_infinity)) return QUIET_NAN;
    if (from_infinity || by_zero) return sign | INFINITE;
    if (from_zero || by_infinity) return sign;
    NORMALIZE(x, rest, ex);
    NORMALIZE(y, divisor, ey);
  }
  const uint32_t leading = (LEADING_WORD(divisor) >> DIGIT) + 1;
  bits quotient = 0;
  for (int count = 0; count < DIGITS; count++) {
    const uint32_t digit = LEADING_WORD(rest) / leading;
    rest = (rest << DIGIT) - divisor * digit;
    quotient = (quotient << DIGIT) + digit;
  }
  for (; rest >= divisor; rest -= divisor) quotient++;
  quotient |= rest != 0;
  /* The leading bit is DIGITS * DIGIT, or the one below where x's mantissa is the smaller. */
  int exponent = ex - ey + BIAS;
  const int down = DIGITS * DIGIT - MANTISSA - GUARD;
  if (quotient >> (DIGITS * DIGIT)) return pack(sign, exponent, shift_sticky(quotient, down));
  return pack(sign, exponent - 1, shift_sticky(quotient, down - 1));
}

/* Rounds once: an i64 never passes through an f64 on its way to an f32. */
static bits from_i64(bits sign, uint64_t magnitude) {
  if (magnitude == 0) return 0;
  const int lift = __builtin_clzll(magnitude);
  const int down = 63 - MANTISSA - GUARD;
  magnitude <<= lift;
  const bits lost = (magnitude & ((1ull << down) - 1)) != 0;
  return pack(sign, BIAS + 63 - lift, (bits)(magnitude >> down) | lost);
}

bits NAME(convert_i64_u)(uint64_t x) { return from_i64(0, x); }

bits NAME(convert_i64_s)(uint64_t x) { return x >> 63 ? from_i64(SIGN, -x) : from_i64(0, x); }

static bits from_i32(uint32_t);

bits NAME(convert_i32_s)(uint32_t x) { return x >> 31 ? from_i32(-x) | SIGN : from_i32(x); }

bits NAME(convert_i32_u)(uint32_t x) { return from_i32(x); }

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
  int exponent = field_of(x);
  bits rest = mantissa_of(x);
  NORMALIZE(x, rest, exponent);
  exponent -= BIAS;
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
