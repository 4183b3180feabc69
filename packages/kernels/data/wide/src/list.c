/* Pointers: recursive merge sort and reversal of a linked list, and a hash table with chains. */
#include "bench.h"

#define N 700
#define BUCKETS 128

typedef struct Node { struct Node *next, *chain; u32 key, value; } Node;

static Node nodes[N];
static Node *buckets[BUCKETS];

static NOINLINE Node *merge(Node *a, Node *b)
{
    Node head, *tail = &head;
    while (a && b) {
        if (a->key <= b->key) {
            tail->next = a;
            tail = a;
            a = a->next;
        } else {
            tail->next = b;
            tail = b;
            b = b->next;
        }
    }
    tail->next = a ? a : b;
    return head.next;
}

static NOINLINE Node *sort(Node *list)
{
    if (!list || !list->next)
        return list;
    Node *slow = list, *fast = list->next;
    while (fast && fast->next) {
        slow = slow->next;
        fast = fast->next->next;
    }
    Node *second = slow->next;
    slow->next = 0;
    return merge(sort(list), sort(second));
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

static u32 bucketOf(u32 key) { return (key * 2654435761u) >> 25; }

static NOINLINE Node *lookup(u32 key)
{
    Node *node = buckets[bucketOf(key)];
    while (node && node->key != key)
        node = node->chain;
    return node;
}

static NOINLINE void insert(Node *node)
{
    Node **bucket = &buckets[bucketOf(node->key)];
    node->chain = *bucket;
    *bucket = node;
}

static NOINLINE void unlink(u32 key)
{
    for (Node **link = &buckets[bucketOf(key)]; *link; link = &(*link)->chain)
        if ((*link)->key == key) {
            *link = (*link)->chain;
            return;
        }
}

i32 run(void)
{
    u32 seed = 29, sum = 0;

    for (i32 i = 0; i < BUCKETS; i++)
        buckets[i] = 0;
    for (i32 i = 0; i < N; i++) {
        nodes[i].key = lcg(&seed) >> 20;
        nodes[i].value = (u32)i;
        nodes[i].next = i ? &nodes[i - 1] : 0;
        insert(&nodes[i]);
    }
    Node *list = &nodes[N - 1];
    for (i32 i = 0; i < 8; i++)
        list = reverse(list);
    list = reverse(sort(list));
    for (Node *node = list; node; node = node->next)
        sum = sum * 31 + node->key + node->value;
    for (u32 i = 0; i < 4096; i++) {
        Node *node = lookup(i);
        if (node)
            sum += node->value * i;
        if (i % 5 == 0)
            unlink(i);
    }
    for (u32 i = 0; i < 4096; i++)
        if (lookup(i))
            sum++;
    return (i32)sum;
}
