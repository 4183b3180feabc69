/* Ends at once: what starting and ending cost. */
int main(void) { return 0; }
