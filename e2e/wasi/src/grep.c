// grep PATTERN PATH..: lines that match, with their file and number; folders are searched with all that is in them.
// A pattern has characters, `.`, `*` behind one of them, `^` and `$`.
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static int match_here(const char *pattern, const char *text);

static int match_star(char c, const char *pattern, const char *text) {
  do {
    if (match_here(pattern, text)) return 1;
  } while (*text != '\0' && (*text++ == c || c == '.'));
  return 0;
}

static int match_here(const char *pattern, const char *text) {
  if (pattern[0] == '\0') return 1;
  if (pattern[1] == '*') return match_star(pattern[0], pattern + 2, text);
  if (pattern[0] == '$' && pattern[1] == '\0') return *text == '\0';
  if (*text != '\0' && (pattern[0] == '.' || pattern[0] == *text)) return match_here(pattern + 1, text + 1);
  return 0;
}

static int match(const char *pattern, const char *text) {
  if (pattern[0] == '^') return match_here(pattern + 1, text);
  do {
    if (match_here(pattern, text)) return 1;
  } while (*text++ != '\0');
  return 0;
}

static int by_name(const struct dirent **a, const struct dirent **b) { return strcmp((*a)->d_name, (*b)->d_name); }

static int search(const char *pattern, const char *path) {
  struct stat info;
  if (stat(path, &info) != 0) {
    perror(path);
    return 0;
  }
  int found = 0;
  if (S_ISDIR(info.st_mode)) {
    struct dirent **entries;
    int count = scandir(path, &entries, NULL, by_name);
    for (int i = 0; i < count; i++) {
      if (entries[i]->d_name[0] == '.') continue;
      char inner[512];
      snprintf(inner, sizeof inner, "%s/%s", path, entries[i]->d_name);
      found |= search(pattern, inner);
    }
    return found;
  }
  FILE *file = fopen(path, "r");
  if (file == NULL) {
    perror(path);
    return 0;
  }
  char *line = NULL;
  size_t room = 0;
  for (int number = 1; getline(&line, &room, file) >= 0; number++) {
    line[strcspn(line, "\n")] = '\0';
    if (!match(pattern, line)) continue;
    printf("%s:%d:%s\n", path, number, line);
    found = 1;
  }
  free(line);
  fclose(file);
  return found;
}

int main(int argc, char **argv) {
  int found = 0;
  for (int i = 2; i < argc; i++) found |= search(argv[1], argv[i]);
  return !found;
}
