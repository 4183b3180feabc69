// What a program sees of its system: arguments, environment, clocks, random numbers, and files that are not there.
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

int main(int argc, char **argv) {
  for (int i = 0; i < argc; i++) printf("argument %d: %s\n", i, argv[i]);
  for (char **entry = environ; *entry != NULL; entry++) printf("environment: %s\n", *entry);

  unsigned char random[8];
  if (getentropy(random, sizeof random) == 0) {
    printf("random:");
    for (unsigned i = 0; i < sizeof random; i++) printf(" %02x", random[i]);
    printf("\n");
  }

  struct timespec now, later;
  clock_gettime(CLOCK_MONOTONIC, &now);
  clock_gettime(CLOCK_MONOTONIC, &later);
  int ordered = later.tv_sec > now.tv_sec || (later.tv_sec == now.tv_sec && later.tv_nsec >= now.tv_nsec);
  printf("the clock runs %s\n", ordered ? "forward" : "backward");
  printf("it is after 2020: %s\n", time(NULL) > 1577836800 ? "yes" : "no");

  printf("yield: %d\n", sched_yield());
  printf("terminal: %d %d\n", isatty(0), isatty(1));
  printf("open: %s\n", fopen("/etc/passwd", "r") == NULL ? "refused" : "opened");
  errno = 0;
  usleep(1);
  printf("sleep: %s\n", strerror(errno));
  printf("seek: %ld\n", (long)lseek(1, 0, SEEK_END));
  return 0;
}
