// A text filter: reads standard input to its end, counts lines, words and bytes, and prints the most frequent words.
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct word {
  char *text;
  unsigned count;
};

static struct word *words;
static size_t used, room;

static void add(const char *text, size_t length) {
  for (size_t i = 0; i < used; i++) {
    if (strlen(words[i].text) == length && memcmp(words[i].text, text, length) == 0) {
      words[i].count++;
      return;
    }
  }
  if (used == room) {
    room = room == 0 ? 16 : room * 2;
    words = realloc(words, room * sizeof *words);
  }
  words[used].text = strndup(text, length);
  words[used++].count = 1;
}

static int most_frequent_first(const void *a, const void *b) {
  const struct word *left = a, *right = b;
  if (left->count != right->count) return left->count < right->count ? 1 : -1;
  return strcmp(left->text, right->text);
}

int main(int argc, char **argv) {
  size_t shown = argc > 1 ? (size_t)atoi(argv[1]) : 3;
  unsigned lines = 0, count = 0, bytes = 0;
  char word[256];
  size_t length = 0;
  for (;;) {
    int c = getchar();
    if (c != EOF) bytes++;
    if (c == '\n') lines++;
    if (c != EOF && isalnum(c) && length < sizeof word) {
      word[length++] = (char)tolower(c);
    } else if (length > 0) {
      add(word, length);
      count++;
      length = 0;
    }
    if (c == EOF) break;
  }
  printf("%u lines, %u words, %u bytes\n", lines, count, bytes);
  qsort(words, used, sizeof *words, most_frequent_first);
  for (size_t i = 0; i < used && i < shown; i++) printf("%6u %s\n", words[i].count, words[i].text);
  return 0;
}
