/** What can be left on a shelf. */
export interface Leavable {
  /** Called when no command came for it. Never rejects. */
  close(): Promise<void>;
}

/** Where a command leaves one thing, such as a connection, for the next one of its process. */
export class Shelf {
  #left: Leavable | undefined;
  /** Whether another command may come. */
  isOpen = true;

  /** What the command before left; from then on whoever takes it closes it. */
  take(): Leavable | undefined {
    const left = this.#left;
    this.#left = undefined;
    return left;
  }

  /** Only while it is open and empty. */
  leave(thing: Leavable): void {
    this.#left = thing;
  }
}
