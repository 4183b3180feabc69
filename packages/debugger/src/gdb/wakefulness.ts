/** Milliseconds behind a packet in which the next one is looked for without sleep. */
const attentive = 0.2;
/** A turn that takes so many milliseconds was interrupted by somebody who wants the processor. */
const interrupted = 0.3;
/** So many such turns in so many packets are no collections of garbage any more. */
const [mostInterrupted, looked] = [4, 256];
/** Packets after which it is tried again whether the processor is wanted. */
const modest = 5000;

/**
 * Keeps the event loop awake for a moment behind each packet. A client that steps sends the next one after some 50 microseconds, which is less than an idle
 * processor takes to wake up. Where others want the processor it never sleeps, and this would only keep it from the client: then nothing is done.
 */
export class Wakefulness {
  #until = 0;
  #isAwake = false;
  #modestFor = 0;
  #packets = 0;
  #interruptions = 0;

  /** A packet has come. */
  packet(): void {
    if (this.#modestFor > 0) {
      this.#modestFor--;
      return;
    }
    if (++this.#packets === looked) {
      if (this.#interruptions >= mostInterrupted) this.#modestFor = modest;
      this.#packets = this.#interruptions = 0;
    }
    this.#until = performance.now() + attentive;
    if (this.#isAwake) return;
    this.#isAwake = true;
    this.#turn(performance.now());
  }

  #turn(last: number): void {
    setImmediate(() => {
      const now = performance.now();
      if (now - last > interrupted) this.#interruptions++;
      this.#isAwake = now < this.#until;
      if (this.#isAwake) this.#turn(now);
    });
  }
}
