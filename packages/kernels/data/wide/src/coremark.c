/* In the manner of CoreMark: a linked list is searched, reversed and sorted, small matrices are multiplied, numbers in a text
 * are told apart by a state machine, and CRC-16 over all results decides what comes next. */
#include "bench.h"

#define NODES 40
#define N 10
#define TEXT 400

typedef struct Node { struct Node *next; i16 key, index; } Node;

static Node nodes[NODES];
static i16 A[N * N], B[N * N];
static i32 C[N * N];
static u8 text[TEXT];

static NOINLINE u16 crc8(u8 data, u16 crc)
{
    for (i32 i = 0; i < 8; i++) {
        u8 carry = (u8)((data & 1) ^ (u8)(crc & 1));
        data >>= 1;
        if (carry) {
            crc ^= 0x4002;
            crc = (crc >> 1) | 0x8000;
        } else {
            crc = (crc >> 1) & 0x7fff;
        }
    }
    return crc;
}

static u16 crc16(u16 value, u16 crc) { return crc8((u8)(value >> 8), crc8((u8)value, crc)); }

static NOINLINE Node *find(Node *list, i16 key)
{
    while (list && list->key != key)
        list = list->next;
    return list;
}

static NOINLINE Node *reverse(Node *list)
{
    Node *head = 0;
    while (list) {
        Node *next = list->next;
        list->next = head;
        head = list;
        list = next;
    }
    return head;
}

typedef i32 (*Compare)(const Node *, const Node *);
static NOINLINE i32 byKey(const Node *a, const Node *b) { return a->key - b->key; }
static NOINLINE i32 byIndex(const Node *a, const Node *b) { return a->index - b->index; }

/* Bottom-up merge sort with a comparison that is called. */
static NOINLINE Node *sort(Node *list, Compare compare)
{
    for (i32 size = 1;; size *= 2) {
        Node *p = list, *tail = 0;
        i32 merges = 0;
        list = 0;
        while (p) {
            Node *q = p;
            i32 left = 0, right = size;
            merges++;
            for (; left < size && q; left++)
                q = q->next;
            while (left > 0 || (right > 0 && q)) {
                Node *taken;
                if (left > 0 && (right == 0 || !q || compare(p, q) <= 0)) {
                    taken = p;
                    p = p->next;
                    left--;
                } else {
                    taken = q;
                    q = q->next;
                    right--;
                }
                if (tail)
                    tail->next = taken;
                else
                    list = taken;
                tail = taken;
            }
            p = q;
        }
        if (tail)
            tail->next = 0;
        if (merges <= 1)
            return list;
    }
}

static NOINLINE u16 matrix(u16 seed, u16 crc)
{
    for (i32 i = 0; i < N * N; i++)
        A[i] = (i16)(A[i] + seed);
    for (i32 i = 0; i < N; i++)
        for (i32 j = 0; j < N; j++) {
            i32 sum = 0;
            for (i32 k = 0; k < N; k++) {
                i32 product = (i32)A[i * N + k] * (i32)B[k * N + j];
                sum += ((product >> 2) & 15) * ((product >> 5) & 127);
            }
            C[i * N + j] = sum;
        }
    i32 total = 0, last = 0;
    for (i32 i = 0; i < N * N; i++) {
        total += C[i];
        if (total > 100000) {
            total = 0;
            crc = crc16((u16)last, crc);
        } else {
            last += C[i] > last ? 10 : 0;
        }
    }
    for (i32 i = 0; i < N * N; i++)
        A[i] = (i16)(A[i] - seed);
    return crc16((u16)total, crc);
}

enum { START, INVALID, SIGN, INT, FLOAT, EXPONENT, SCIENTIFIC, STATES };

static i32 digit(u8 c) { return c >= '0' && c <= '9'; }

static NOINLINE i32 next(const u8 **at)
{
    const u8 *p = *at;
    i32 state = START;
    for (; *p && state != INVALID; p++) {
        u8 c = *p;
        if (c == ',') {
            p++;
            break;
        }
        switch (state) {
        case START: state = digit(c) ? INT : c == '+' || c == '-' ? SIGN : c == '.' ? FLOAT : INVALID; break;
        case SIGN: state = digit(c) ? INT : c == '.' ? FLOAT : INVALID; break;
        case INT: if (c == '.') state = FLOAT; else if (!digit(c)) state = INVALID; break;
        case FLOAT: if (c == 'e' || c == 'E') state = EXPONENT; else if (!digit(c)) state = INVALID; break;
        case EXPONENT: state = c == '+' || c == '-' ? SCIENTIFIC : INVALID; break;
        case SCIENTIFIC: if (!digit(c)) state = INVALID; break;
        default: break;
        }
    }
    *at = p;
    return state;
}

static NOINLINE u16 states(u16 crc)
{
    u32 count[STATES];
    for (i32 i = 0; i < STATES; i++)
        count[i] = 0;
    for (const u8 *p = text; *p;)
        count[next(&p)]++;
    for (i32 i = 0; i < STATES; i++)
        crc = crc16((u16)count[i], crc);
    return crc;
}

i32 run(void)
{
    static const char words[8][9] = {"5012,", "-874,", "+122,", "35.54400", ".1234500", "-110.70,", "5.500e+3", "T0.3e-1F"};
    u32 seed = 17, at = 0;
    u16 crc = 0;

    for (i32 i = 0; i < NODES; i++) {
        nodes[i].next = i + 1 < NODES ? &nodes[i + 1] : 0;
        nodes[i].key = (i16)(lcg(&seed) >> 24);
        nodes[i].index = (i16)i;
    }
    for (i32 i = 0; i < N * N; i++) {
        A[i] = (i16)(lcg(&seed) >> 18);
        B[i] = (i16)(lcg(&seed) >> 18);
    }
    while (at < TEXT - 12) {
        const char *word = words[lcg(&seed) >> 29];
        for (i32 i = 0; word[i]; i++)
            text[at++] = (u8)word[i];
        if (text[at - 1] != ',')
            text[at++] = ',';
    }
    text[at] = 0;

    Node *list = nodes;
    for (i32 round = 0; round < 6; round++) {
        for (i32 i = 0; i < 24; i++) {
            Node *found = find(list, (i16)(i * 10 + round));
            list = reverse(list);
            crc = crc16(found ? (u16)found->index : (u16)list->key, crc);
        }
        list = sort(list, byKey);
        crc = crc16((u16)list->index, crc);
        list = sort(list, byIndex);
        crc = matrix((u16)(crc & 63), crc);
        for (i32 i = 0; i < 2; i++) {
            u32 where = (crc + (u32)i * 97) % (at - 1);
            u8 old = text[where];
            crc = states(crc);
            if (old != ',')
                text[where] ^= 0x11;
            crc = states(crc);
            text[where] = old;
        }
    }
    return (i32)crc;
}
