// ls PATH..: what is in folders, with all that is in these, but no name that starts with a dot: kind, names, size, inode, minutes since 2025, name.
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const long long start = 1735689600;

static int by_name(const struct dirent **a, const struct dirent **b) { return strcmp((*a)->d_name, (*b)->d_name); }

static char kind(mode_t mode) {
  if (S_ISDIR(mode)) return 'd';
  if (S_ISLNK(mode)) return 'l';
  return S_ISREG(mode) ? '-' : '?';
}

static int list(const char *path) {
  struct dirent **entries;
  int count = scandir(path, &entries, NULL, by_name);
  if (count < 0) {
    perror(path);
    return 1;
  }
  printf("%s:\n", path);
  for (int i = 0; i < count; i++) {
    if (entries[i]->d_name[0] == '.') continue;
    char inner[512], target[256];
    struct stat info;
    snprintf(inner, sizeof inner, "%s/%s", path, entries[i]->d_name);
    if (lstat(inner, &info) != 0) {
      perror(inner);
      continue;
    }
    printf("%c %llu %5lld %3llu %2lld %s", kind(info.st_mode), (unsigned long long)info.st_nlink, (long long)info.st_size,
           (unsigned long long)info.st_ino, ((long long)info.st_mtim.tv_sec - start) / 60, entries[i]->d_name);
    ssize_t length = S_ISLNK(info.st_mode) ? readlink(inner, target, sizeof target) : -1;
    if (length >= 0) printf(" -> %.*s", (int)length, target);
    printf("\n");
  }
  int status = 0;
  for (int i = 0; i < count; i++) {
    const char *name = entries[i]->d_name;
    if (entries[i]->d_type != DT_DIR || name[0] == '.') continue;
    char inner[512];
    snprintf(inner, sizeof inner, "%s/%s", path, name);
    status |= list(inner);
  }
  return status;
}

int main(int argc, char **argv) {
  int status = 0;
  for (int i = 1; i < argc; i++) status |= list(argv[i]);
  return status;
}
