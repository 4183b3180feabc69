// Floating-point numbers through printf and the mathematical library.
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static const char *const texts[] = {"0", "-0", "1", "0.1", "1e23", "123456789.125", "4.9e-324", "2.2250738585072011e-308",
                                    "1.7976931348623157e308", "1e999", "-1e999"};

int main(void) {
  for (unsigned i = 0; i < sizeof texts / sizeof *texts; i++) {
    double x = strtod(texts[i], NULL);
    printf("%-24s %.17g %a %.3f %.2e\n", texts[i], x, x, fabs(x) < 1e15 ? x : 0.0, x);
  }
  double sum = 0;
  float single = 0;
  for (int i = 1; i <= 1000; i++) {
    sum += 1.0 / i;
    single += 1.0f / (float)i;
  }
  printf("harmonic %.17g %.9g\n", sum, (double)single);
  printf("sqrt %.17g exp %.15g sin %.15g pow %.15g\n", sqrt(2), exp(1), sin(1), pow(2, 0.5));
  printf("round %g %g %g %g\n", rint(2.5), floor(-2.5), ceil(-2.5), trunc(-2.5));
  printf("nan %d inf %d\n", isnan(sqrt(-1.0)) != 0, isinf(DBL_MAX * 2) != 0);
  return 0;
}
