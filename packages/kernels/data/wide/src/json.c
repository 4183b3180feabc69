/* JSON: a document is written, parsed by recursive descent into nodes of an arena, walked, and written again. */
#include "bench.h"

#define SOURCE 6000
#define NODES 1400

enum { ERROR, NUL, FALSE, TRUE, NUMBER, STRING, ARRAY, OBJECT };

typedef struct { u8 kind; u16 length; u16 first, next, key; i32 value; } Node;

static char source[SOURCE], target[SOURCE];
static Node nodes[NODES];
static u32 used;
static const char *at;

static NOINLINE void blanks(void)
{
    while (*at == ' ' || *at == '\n' || *at == '\t' || *at == '\r')
        at++;
}

static NOINLINE i32 literal(const char *word)
{
    const char *p = at;
    while (*word)
        if (*p++ != *word++)
            return 0;
    at = p;
    return 1;
}

static NOINLINE i32 string(Node *node)
{
    const char *begin = ++at;
    u32 hash = 5381;
    while (*at != '"') {
        u32 c = (u8)*at++;
        if (c < ' ')
            return 0;
        if (c == '\\') {
            c = (u8)*at++;
            c = c == 'n' ? '\n' : c == 't' ? '\t' : c;
        }
        hash = hash * 33 ^ c;
    }
    node->kind = STRING;
    node->first = (u16)(begin - source);
    node->length = (u16)(at - begin);
    node->value = (i32)hash;
    at++;
    return 1;
}

static NOINLINE i32 number(Node *node)
{
    i32 negative = *at == '-', value = 0;
    if (negative)
        at++;
    if (*at < '0' || *at > '9')
        return 0;
    while (*at >= '0' && *at <= '9')
        value = value * 10 + (*at++ - '0');
    node->kind = NUMBER;
    node->value = negative ? -value : value;
    return 1;
}

/* The index of the node, 0 where the text is no value. */
static NOINLINE u32 parse(i32 depth)
{
    u32 index = used++, last = 0;
    Node *node = &nodes[index];
    if (index >= NODES || depth > 16)
        return 0;
    node->next = node->key = node->first = node->length = 0;
    node->value = 0;
    blanks();
    switch (*at) {
    case 'n': node->kind = NUL; return literal("null") ? index : 0;
    case 't': node->kind = TRUE; return literal("true") ? index : 0;
    case 'f': node->kind = FALSE; return literal("false") ? index : 0;
    case '"': return string(node) ? index : 0;
    case '[':
    case '{': {
        char close = *at == '[' ? ']' : '}';
        node->kind = close == ']' ? ARRAY : OBJECT;
        at++;
        blanks();
        if (*at == close) {
            at++;
            return index;
        }
        for (;;) {
            u32 key = 0;
            if (close == '}') {
                blanks();
                key = used++;
                if (key >= NODES || *at != '"' || !string(&nodes[key]))
                    return 0;
                blanks();
                if (*at++ != ':')
                    return 0;
            }
            u32 child = parse(depth + 1);
            if (!child)
                return 0;
            nodes[child].key = (u16)key;
            if (last)
                nodes[last].next = (u16)child;
            else
                node->first = (u16)child;
            last = child;
            node->length++;
            blanks();
            if (*at == close) {
                at++;
                return index;
            }
            if (*at++ != ',')
                return 0;
        }
    }
    default: return number(node) ? index : 0;
    }
}

static NOINLINE char *writeText(char *to, const char *text, u32 length)
{
    for (u32 i = 0; i < length; i++)
        *to++ = text[i];
    return to;
}

static NOINLINE char *writeNumber(char *to, i32 value)
{
    char digits[12];
    i32 count = 0;
    u32 rest = value < 0 ? 0u - (u32)value : (u32)value;
    if (value < 0)
        *to++ = '-';
    do
        digits[count++] = (char)('0' + rest % 10);
    while (rest /= 10);
    while (count)
        *to++ = digits[--count];
    return to;
}

static NOINLINE char *write(char *to, u32 index)
{
    const Node *node = &nodes[index];
    switch (node->kind) {
    case NUL: return writeText(to, "null", 4);
    case FALSE: return writeText(to, "false", 5);
    case TRUE: return writeText(to, "true", 4);
    case NUMBER: return writeNumber(to, node->value);
    case STRING: *to++ = '"'; to = writeText(to, source + node->first, node->length); *to++ = '"'; return to;
    default: break;
    }
    *to++ = node->kind == ARRAY ? '[' : '{';
    for (u32 child = node->first; child; child = nodes[child].next) {
        if (nodes[child].key) {
            to = write(to, nodes[child].key);
            *to++ = ':';
        }
        to = write(to, child);
        if (nodes[child].next)
            *to++ = ',';
    }
    *to++ = node->kind == ARRAY ? ']' : '}';
    return to;
}

static NOINLINE u32 walk(u32 index, u32 sum)
{
    for (; index; index = nodes[index].next) {
        sum = sum * 31 + nodes[index].kind + (u32)nodes[index].value;
        if (nodes[index].key)
            sum ^= (u32)nodes[nodes[index].key].value;
        if (nodes[index].kind >= ARRAY)
            sum = walk(nodes[index].first, sum);
    }
    return sum;
}

i32 run(void)
{
    u32 seed = 37, sum = 0;
    char *to = source;

    *to++ = '[';
    for (i32 i = 0; i < 44; i++) {
        to = writeText(to, i ? ",\n  {\"id\": " : "\n  {\"id\": ", i ? 11 : 10);
        to = writeNumber(to, i);
        to = writeText(to, ", \"name\": \"item\\t", 16);
        to = writeNumber(to, (i32)(lcg(&seed) >> 16));
        to = writeText(to, "\", \"ok\": ", 9);
        to = lcg(&seed) >> 31 ? writeText(to, "true", 4) : lcg(&seed) >> 31 ? writeText(to, "null", 4) : writeText(to, "false", 5);
        to = writeText(to, ", \"data\": [", 11);
        for (u32 k = lcg(&seed) >> 29; k; k--) {
            to = writeNumber(to, (i32)lcg(&seed) >> (lcg(&seed) >> 28));
            to = writeText(to, ", ", k > 1 ? 2 : 0);
        }
        to = writeText(to, "], \"in\": {\"x\": {}}}", 19);
    }
    *to++ = ']';
    *to = 0;
    for (i32 round = 0; round < 3; round++) {
        used = 1;
        at = source;
        u32 root = parse(0);
        if (!root)
            return -1;
        sum = walk(root, sum);
        u32 length = (u32)(write(target, root) - target);
        for (u32 i = 0; i < length; i++)
            sum = sum * 33 + (u8)target[i];
    }
    return (i32)sum;
}
