/** Gives references numbers, so that a slot of the executor holds any value; 0 is the null reference. */
export class ReferenceNumbers<T> {
  private readonly items: T[] = [];
  private readonly numbers = new Map<T, number>();

  numberOf(item: T | null): number {
    if (item === null) return 0;
    const known = this.numbers.get(item);
    if (known !== undefined) return known;
    this.items.push(item);
    this.numbers.set(item, this.items.length);
    return this.items.length;
  }

  itemOf(number: number): T | null {
    return number === 0 ? null : (this.items[number - 1] ?? null);
  }
}
