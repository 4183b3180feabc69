// A small database in the way of SQLite: pages that a rollback journal protects, and settings replaced by a rename.
//   journal FOLDER: makes it, commits, is interrupted in the middle of a change, recovers, and shows what it has.
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { page_size = 64, page_count = 8 };
static const char data_name[] = "data", journal_name[] = "data-journal", settings_name[] = "settings", log_name[] = "log";

static int folder;

static void check(int is_right, const char *what) {
  if (is_right) return;
  perror(what);
  exit(1);
}

static uint32_t checksum(const char *bytes, size_t count) {
  uint32_t sum = 2166136261u;
  for (size_t i = 0; i < count; i++) sum = (sum ^ (unsigned char)bytes[i]) * 16777619u;
  return sum;
}

static void note(const char *text) {
  int fd = openat(folder, log_name, O_WRONLY | O_CREAT | O_APPEND, 0666);
  check(fd >= 0, log_name);
  // Appending does not care where the descriptor is.
  check(lseek(fd, 0, SEEK_SET) == 0 && dprintf(fd, "%s\n", text) > 0, log_name);
  close(fd);
}

struct record {
  uint32_t page, sum;
  char old[page_size];
};

// Keeps a page as it is before it is written.
static void protect(int data, int journal, uint32_t page) {
  struct record record = {.page = page};
  check(pread(data, record.old, page_size, (off_t)page * page_size) == page_size, data_name);
  record.sum = checksum(record.old, page_size);
  check(write(journal, &record, sizeof record) == sizeof record && fdatasync(journal) == 0, journal_name);
}

static void change(const char *text, uint32_t first, uint32_t last, int is_interrupted) {
  int data = openat(folder, data_name, O_RDWR);
  int journal = openat(folder, journal_name, O_RDWR | O_CREAT | O_EXCL, 0666);
  check(data >= 0 && journal >= 0, "open");
  for (uint32_t page = first; page <= last; page++) {
    char bytes[page_size] = {0};
    protect(data, journal, page);
    snprintf(bytes, sizeof bytes, "%s %u", text, (unsigned)page);
    check(pwrite(data, bytes, page_size, (off_t)page * page_size) == page_size, data_name);
  }
  check(fsync(data) == 0, data_name);
  if (is_interrupted) {
    // Half of a record is what a torn write leaves.
    check(write(journal, "torn", 4) == 4, journal_name);
  } else {
    check(unlinkat(folder, journal_name, 0) == 0, journal_name);
  }
  close(journal);
  close(data);
  note(is_interrupted ? "interrupted" : "committed");
}

static void recover(void) {
  int journal = openat(folder, journal_name, O_RDONLY);
  if (journal < 0) {
    check(errno == ENOENT, journal_name);
    printf("nothing to recover\n");
    return;
  }
  int data = openat(folder, data_name, O_RDWR);
  struct record record;
  int count = 0;
  while (read(journal, &record, sizeof record) == sizeof record) {
    check(record.sum == checksum(record.old, page_size), "checksum");
    check(pwrite(data, record.old, page_size, (off_t)record.page * page_size) == page_size, data_name);
    count++;
  }
  check(fsync(data) == 0 && unlinkat(folder, journal_name, 0) == 0, journal_name);
  close(journal);
  close(data);
  printf("recovered %d pages\n", count);
  note("recovered");
}

static void save_settings(int generation) {
  int fd = openat(folder, "settings.new", O_WRONLY | O_CREAT | O_TRUNC, 0666);
  check(fd >= 0 && dprintf(fd, "generation=%d\n", generation) > 0 && fsync(fd) == 0, "settings.new");
  close(fd);
  check(renameat(folder, "settings.new", folder, settings_name) == 0, settings_name);
}

static void show(void) {
  int data = openat(folder, data_name, O_RDONLY);
  for (int page = 0; page < page_count; page++) {
    char bytes[page_size];
    check(pread(data, bytes, page_size, (off_t)page * page_size) == page_size, data_name);
    printf("%d: %s\n", page, bytes[0] == '\0' ? "(empty)" : bytes);
  }
  struct stat info;
  check(fstat(data, &info) == 0, data_name);
  close(data);
  char settings[64] = {0};
  int fd = openat(folder, settings_name, O_RDONLY);
  check(fd >= 0 && read(fd, settings, sizeof settings - 1) > 0, settings_name);
  close(fd);
  printf("%lld bytes, %s", (long long)info.st_size, settings);
}

int main(int argc, char **argv) {
  const char *path = argc > 1 ? argv[1] : ".";
  check(mkdir(path, 0777) == 0 || errno == EEXIST, path);
  folder = open(path, O_RDONLY | O_DIRECTORY);
  check(folder >= 0, path);
  recover();
  int data = openat(folder, data_name, O_RDWR | O_CREAT, 0666);
  check(data >= 0 && ftruncate(data, page_size * page_count) == 0, data_name);
  close(data);
  save_settings(1);
  change("first", 0, 5, 0);
  change("second", 2, 3, 0);
  save_settings(2);
  struct timespec pause = {.tv_sec = 90};
  check(nanosleep(&pause, NULL) == 0, "nanosleep");
  change("third", 1, 7, 1);
  recover();
  show();
  check(faccessat(folder, journal_name, F_OK, 0) != 0 && errno == ENOENT, journal_name);
  return 0;
}
