/* Adds up points; small on purpose: what the debugger shows of it is in docs/debug.md. */
struct point {
  int x;
  short y;
  const char *name;
};

static struct point points[3] = {{1, 2, "one"}, {3, -4, "two"}, {5, 6, "three"}};
int total;

static inline int area(const struct point *p) {
  int width = p->x;
  return width * p->y;
}

int add(int a, int b) {
  int result = a + b;
  return result;
}

int sum(int count) {
  int all = 0;

  for (int i = 0; i < count; i++) {
    all = add(all, area(&points[i]));
  }
  total = all;
  return all;
}
