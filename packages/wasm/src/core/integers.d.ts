/** An integer of 32 bits, as AssemblyScript calls it. */
type i32 = number;
/** A number of 64 bits with a binary point, as AssemblyScript calls it. */
type f64 = number;
