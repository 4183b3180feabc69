/* A parser of a byte protocol, fed byte by byte as an interrupt handler would: NMEA-like sentences with checksums, escapes and
 * errors, and a tokenizer driven by tables of character classes. */
#include "bench.h"

#define LEN 6000

static char line[LEN + 1];

typedef struct {
    u8 state, sum, expected, field, digits;
    u32 value, fields[12];
    u32 good, bad, total;
} Parser;

static Parser parser;

enum { IDLE, NAME, FIELD, FRACTION, ESCAPE, CHECK1, CHECK2, END };

static i32 hex(u8 c) { return c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1; }

static void finishField(Parser *p)
{
    if (p->field < 12)
        p->fields[p->field++] = p->value;
    p->value = 0;
    p->digits = 0;
}

static NOINLINE void feed(Parser *p, u8 c)
{
    switch (p->state) {
    case IDLE:
        if (c == '$') {
            p->state = NAME;
            p->sum = p->field = p->digits = 0;
            p->value = 0;
        }
        return;
    case NAME:
        if (c == ',') {
            finishField(p);
            p->state = FIELD;
        } else if (c >= 'A' && c <= 'Z') {
            p->value = p->value * 26 + (u32)(c - 'A');
        } else {
            break;
        }
        p->sum ^= c;
        return;
    case FIELD:
    case FRACTION:
        if (c == '*') {
            finishField(p);
            p->state = CHECK1;
            return;
        }
        p->sum ^= c;
        if (c >= '0' && c <= '9') {
            if (p->state == FRACTION && ++p->digits > 4)
                return;
            p->value = p->value * 10 + (u32)(c - '0');
        } else if (c == ',') {
            finishField(p);
            p->state = FIELD;
        } else if (c == '.' && p->state == FIELD) {
            p->state = FRACTION;
        } else if (c == '\\') {
            p->state = ESCAPE;
        } else {
            break;
        }
        return;
    case ESCAPE:
        p->sum ^= c;
        p->value += (u32)c << 8;
        p->state = FIELD;
        return;
    case CHECK1:
        if (hex(c) < 0)
            break;
        p->expected = (u8)(hex(c) << 4);
        p->state = CHECK2;
        return;
    case CHECK2:
        if (hex(c) < 0)
            break;
        p->expected |= (u8)hex(c);
        p->state = END;
        return;
    case END:
        if (c != '\n' || p->expected != p->sum)
            break;
        p->good++;
        for (u32 i = 0; i < p->field; i++)
            p->total = p->total * 31 + p->fields[i];
        p->state = IDLE;
        return;
    default:
        break;
    }
    p->bad++;
    p->state = c == '$' ? NAME : IDLE;
    p->sum = p->field = p->digits = 0;
    p->value = 0;
}

enum { SPACE, LETTER, DIGIT, POINT, PUNCTUATION, CLASSES };
enum { BETWEEN, WORD, NUMBER, REAL, MARK, STATES };

static u8 classes[256];
static const u8 transitions[STATES][CLASSES] = {
    {BETWEEN, WORD, NUMBER, REAL, MARK}, {BETWEEN, WORD, WORD, MARK, MARK}, {BETWEEN, WORD, NUMBER, REAL, MARK},
    {BETWEEN, WORD, REAL, MARK, MARK},   {BETWEEN, WORD, NUMBER, REAL, MARK},
};

static NOINLINE u32 tokenize(const char *s)
{
    u32 counts[STATES], hash = 2166136261u;
    u8 state = BETWEEN;

    for (i32 i = 0; i < STATES; i++)
        counts[i] = 0;
    for (; *s; s++) {
        u8 after = transitions[state][classes[(u8)*s]];
        if (after != state || after == MARK) {
            counts[state]++;
            hash ^= state;
        }
        hash = (hash ^ (u8)*s) * 16777619u;
        state = after;
    }
    return hash + counts[WORD] * 3 + counts[NUMBER] * 5 + counts[REAL] * 7 + counts[MARK] * 11;
}

i32 run(void)
{
    static const char digits[] = "0123456789ABCDEF";
    u32 seed = 5, at = 0;

    for (i32 i = 0; i < 256; i++)
        classes[i] = i <= ' ' ? SPACE : (i | 32) >= 'a' && (i | 32) <= 'z' ? LETTER : i >= '0' && i <= '9' ? DIGIT : i == '.' ? POINT : PUNCTUATION;
    while (at < LEN - 100) {
        u8 sum = 0;
        line[at++] = '$';
        for (i32 i = 0; i < 5; i++)
            sum ^= (u8)(line[at++] = (char)('A' + (lcg(&seed) >> 28)));
        for (u32 fields = 1 + (lcg(&seed) >> 29); fields; fields--) {
            sum ^= (u8)(line[at++] = ',');
            for (u32 k = lcg(&seed) >> 29; k; k--)
                sum ^= (u8)(line[at++] = k == 3 ? '.' : k == 6 && !(lcg(&seed) >> 30) ? '\\' : digits[(lcg(&seed) >> 24) % 10]);
        }
        line[at++] = '*';
        line[at++] = digits[sum >> 4];
        line[at++] = digits[sum & 15];
        line[at++] = lcg(&seed) >> 28 ? '\n' : '?';
    }
    line[at] = 0;

    parser.state = IDLE;
    parser.good = parser.bad = parser.total = 0;
    for (i32 round = 0; round < 2; round++)
        for (u32 i = 0; i < at; i++)
            feed(&parser, (u8)line[i]);
    return (i32)(parser.total + parser.good * 65536 + parser.bad + tokenize(line) + tokenize(line + 7));
}
