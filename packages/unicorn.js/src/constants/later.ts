/** Constants of libunicorn 2.1 for the one choice that 2.0 has: programs written for the later release name them. */
export const later = {
  TLB_CPU: 0,
  CTL_CONTEXT_CPU: 1,
} as const;
