// Ends with the status that it is told, after a last word on standard error.
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv) {
  int status = argc > 1 ? atoi(argv[1]) : 3;
  fprintf(stderr, "ending with status %d\n", status);
  printf("still buffered");
  exit(status);
}
