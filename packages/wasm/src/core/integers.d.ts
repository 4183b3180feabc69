/** An integer of 32 bits, as AssemblyScript calls it. */
type i32 = number;
