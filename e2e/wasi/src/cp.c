// cp FROM TO: copies a file, or a folder with all that is in it; links stay links, times stay as they are.
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

static int failed(const char *path) {
  perror(path);
  return 1;
}

static int copy(const char *from, const char *to);

static int copy_file(const char *from, const char *to, const struct stat *info) {
  int in = open(from, O_RDONLY);
  if (in < 0) return failed(from);
  int out = open(to, O_WRONLY | O_CREAT | O_EXCL, 0666);
  if (out < 0) return failed(to);
  if (posix_fallocate(out, 0, info->st_size > 0 ? info->st_size : 1) != 0) return failed(to);
  // Small parts of different sizes, so that reads end in the middle of them.
  char a[7], b[64], c[13];
  struct iovec parts[] = {{a, sizeof a}, {b, sizeof b}, {c, sizeof c}};
  off_t done = 0;
  for (ssize_t count; (count = readv(in, parts, 3)) > 0; done += count) {
    struct iovec filled[3];
    ssize_t rest = count;
    for (int i = 0; i < 3; i++) {
      filled[i].iov_base = parts[i].iov_base;
      filled[i].iov_len = (size_t)rest < parts[i].iov_len ? (size_t)rest : parts[i].iov_len;
      rest -= (ssize_t)filled[i].iov_len;
    }
    if (writev(out, filled, 3) != count) return failed(to);
  }
  if (ftruncate(out, done) != 0 || fsync(out) != 0) return failed(to);
  const struct timespec times[] = {info->st_atim, info->st_mtim};
  if (futimens(out, times) != 0) return failed(to);
  close(in);
  close(out);
  printf("%s: %lld bytes\n", to, (long long)done);
  return 0;
}

static int copy_folder(const char *from, const char *to) {
  DIR *folder = opendir(from);
  if (folder == NULL) return failed(from);
  if (mkdir(to, 0777) != 0) return failed(to);
  int status = 0;
  for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
    if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
    char inner_from[512], inner_to[512];
    snprintf(inner_from, sizeof inner_from, "%s/%s", from, entry->d_name);
    snprintf(inner_to, sizeof inner_to, "%s/%s", to, entry->d_name);
    status |= copy(inner_from, inner_to);
  }
  closedir(folder);
  return status;
}

static int copy(const char *from, const char *to) {
  struct stat info;
  if (lstat(from, &info) != 0) return failed(from);
  if (S_ISDIR(info.st_mode)) return copy_folder(from, to);
  if (!S_ISLNK(info.st_mode)) return copy_file(from, to, &info);
  char target[256];
  ssize_t length = readlink(from, target, sizeof target - 1);
  if (length < 0) return failed(from);
  target[length] = '\0';
  return symlink(target, to) == 0 ? 0 : failed(to);
}

int main(int argc, char **argv) {
  if (argc != 3) return 2;
  return copy(argv[1], argv[2]);
}
