#include "square.h"

int sum(const int *values, int count)
{
    int total = 0;
    for (int at = 0; at < count; at++)
        total += square(values[at]);
    return total;
}

int dropped(int value)
{
    return value + 1;
}

int _start(void)
{
    static const int values[] = {1, 2, 3};
    return sum(values, 3);
}
