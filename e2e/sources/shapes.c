/* Variables of every kind, for what the debugger shows of them. */
enum colour { RED, GREEN = 4, BLUE };

typedef unsigned char byte;

struct shape {
  enum colour colour;
  unsigned wide : 3;
  int deep : 5;
  union {
    float radius;
    int sides;
  };
  double scale;
  const struct shape *next;
  char name[12];
};

typedef struct shape shape_t;

static const shape_t circle = {BLUE, 5, -3, {.radius = 2.5f}, 0.5, 0, "circle"};
static shape_t square = {GREEN, 1, 7, {.sides = 4}, 1.0, &circle, "square"};
int zeros[40] = {1};
long long counter = -5000000000;

static int twice(int number) { return 2 * number; }

static inline int weigh(const shape_t *shape, byte factor) {
  int all = 0;
  for (int i = 0; i < factor % 4; i++) {
    int part = twice(i) * factor;
    all += part;
  }
  return all + (int)shape->scale;
}

int shapes(int count) {
  int (*change)(int) = twice;
  short table[2][3] = {{1, 2, 3}, {-1, -2, -3}};
  const char *text = "a \"text\"\n";
  _Bool isOdd = count & 1;
  for (int i = 0; i < count; i++) {
    square.sides += weigh(&square, (byte)(i + 200));
    table[i & 1][0] = (short)i;
    counter += change(i);
  }
  return square.sides + table[1][0] + text[0] + isOdd + zeros[count];
}
