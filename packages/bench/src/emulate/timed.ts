/** A run of an image, timed. */
export interface Timed {
  readonly instructions: number;
  readonly seconds: number;
}
