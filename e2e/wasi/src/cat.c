// Writes files one after the other to standard output; - is standard input. The status is 1 where one cannot be read.
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int copy(int from) {
  char buffer[512];
  for (;;) {
    ssize_t count = read(from, buffer, sizeof buffer);
    if (count <= 0) return (int)count;
    if (write(STDOUT_FILENO, buffer, (size_t)count) != count) return -1;
  }
}

int main(int argc, char **argv) {
  int status = 0;
  for (int i = 1; i < argc; i++) {
    int fd = strcmp(argv[i], "-") == 0 ? STDIN_FILENO : open(argv[i], O_RDONLY);
    if (fd < 0 || copy(fd) < 0) {
      perror(argv[i]);
      status = 1;
    }
    if (fd > STDIN_FILENO) close(fd);
  }
  return status;
}
