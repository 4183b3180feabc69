/* The console UART, semihosting, arguments and an exit status. */
#include <stdio.h>
#include "uart.h"

int main(int argc, char **argv)
{
    uart_init();
    uart_text("uart: hello from " BOARD "\n");
    printf("semihosting: hello from " BOARD "\n");
    for (int index = 1; index < argc; index++)
        printf("argument %d: %s\n", index, argv[index]);
    return 42;
}
