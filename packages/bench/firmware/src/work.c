/* Integer work of several kinds: matrices, CRC-32, quicksort, a linked list, a tree, a sieve, text, copies. One instruction in twelve stores, as is usual in compiled C. */
#include "machine.h"

enum { side = 12, items = 256 };

static int32_t a[side][side], b[side][side], c[side][side];
static uint32_t table[256];
static uint32_t values[items];
static struct node { struct node *next; uint32_t key; } nodes[items];
static char text[items];

static uint32_t state;
static uint32_t draw(void)
{
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return state;
}

static uint32_t multiply(void)
{
    for (int i = 0; i < side; i++)
        for (int j = 0; j < side; j++) {
            a[i][j] = (int32_t)draw() >> 20;
            b[i][j] = (int32_t)draw() >> 20;
        }
    uint32_t sum = 0;
    for (int i = 0; i < side; i++)
        for (int j = 0; j < side; j++) {
            int32_t cell = 0;
            for (int k = 0; k < side; k++)
                cell += a[i][k] * b[k][j];
            c[i][j] = cell;
            sum = sum * 31 + (uint32_t)cell;
        }
    return sum;
}

static uint32_t crc(const uint8_t *bytes, uint32_t count)
{
    if (table[1] == 0)
        for (uint32_t n = 0; n < 256; n++) {
            uint32_t word = n;
            for (int bit = 0; bit < 8; bit++)
                word = (word >> 1) ^ (0xedb88320u & -(word & 1));
            table[n] = word;
        }
    uint32_t sum = ~0u;
    while (count-- > 0)
        sum = table[(sum ^ *bytes++) & 0xff] ^ (sum >> 8);
    return ~sum;
}

static void sort(uint32_t *low, uint32_t *high)
{
    while (low < high) {
        uint32_t pivot = low[(high - low) / 2], *i = low, *j = high;
        while (i <= j) {
            while (*i < pivot)
                i++;
            while (*j > pivot)
                j--;
            if (i <= j) {
                uint32_t value = *i;
                *i++ = *j;
                *j-- = value;
            }
        }
        if (j - low < high - i) {
            sort(low, j);
            low = i;
        } else {
            sort(i, high);
            high = j;
        }
    }
}

/* Puts the values into a list that is in order, by the way from its head, and reverses it. */
static uint32_t list(void)
{
    struct node *head = 0;
    for (int n = 0; n < items / 4; n++) {
        struct node **place = &head;
        while (*place != 0 && (*place)->key < values[n * 4 ^ 4])
            place = &(*place)->next;
        nodes[n].key = values[n * 4 ^ 4];
        nodes[n].next = *place;
        *place = &nodes[n];
    }
    struct node *back = 0;
    while (head != 0) {
        struct node *next = head->next;
        head->next = back;
        back = head;
        head = next;
    }
    uint32_t sum = 0;
    for (; back != 0; back = back->next)
        sum = sum * 33 + back->key;
    return sum;
}

/* A search tree, built and walked by recursion. */
static struct leaf { struct leaf *less, *more; uint32_t key; } leaves[items / 4];
static __attribute__((noinline)) struct leaf *insert(struct leaf *at, struct leaf *one)
{
    if (at == 0)
        return one;
    if (one->key < at->key)
        at->less = insert(at->less, one);
    else
        at->more = insert(at->more, one);
    return at;
}
static __attribute__((noinline)) uint32_t walk(const struct leaf *at, uint32_t sum)
{
    return at == 0 ? sum : walk(at->more, walk(at->less, sum) * 31 + at->key);
}
static uint32_t tree(void)
{
    struct leaf *root = 0;
    for (int n = 0; n < items / 4; n++) {
        leaves[n] = (struct leaf){ 0, 0, draw() };
        root = insert(root, &leaves[n]);
    }
    return walk(root, 0);
}

static uint8_t composite[1024];
static uint32_t sieve(void)
{
    uint32_t primes = 0;
    for (uint32_t n = 0; n < sizeof composite; n++)
        composite[n] = 0;
    for (uint32_t n = 2; n < sizeof composite; n++) {
        if (composite[n])
            continue;
        primes++;
        for (uint32_t multiple = n * n; multiple < sizeof composite; multiple += n)
            composite[multiple] = 1;
    }
    return primes;
}

/* Turns the values round, by copies of words and of bytes. */
static uint32_t turn(void)
{
    static uint32_t words[items];
    for (int n = 0; n < items; n++)
        words[n] = values[items - 1 - n];
    const volatile uint8_t *from = (const volatile uint8_t *)words;
    for (uint32_t n = 0; n < sizeof words; n++)
        composite[n] = from[n];
    return crc(composite, 64);
}

static char *decimal(char *to, uint32_t value)
{
    char digits[10];
    int count = 0;
    do
        digits[count++] = (char)('0' + value % 10);
    while ((value /= 10) != 0);
    while (count > 0)
        *to++ = digits[--count];
    return to;
}

uint32_t work(uint32_t seed)
{
    state = seed | 1;
    uint32_t sum = multiply();
    for (int n = 0; n < items; n++)
        values[n] = draw();
    sum ^= crc((const uint8_t *)values, sizeof values);
    sort(values, values + items - 1);
    for (int n = 1; n < items; n++)
        if (values[n - 1] > values[n])
            leave(4);
    sum += list();
    sum ^= tree() + sieve() + turn();
    char *end = text;
    for (int n = 0; n < 24; n++)
        end = decimal(end, values[n * 8]);
    return sum ^ crc((const uint8_t *)text, (uint32_t)(end - text));
}
