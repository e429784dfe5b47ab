/** The kinds of authentication messages, and the kinds that may follow each. */
const FOLLOWING: Readonly<Record<number | "nothing", readonly number[]>> = {
  nothing: [0, 2, 3, 5, 6, 7, 9, 10],
  3: [3, 0], // asks for the password in the clear; PAM may, once for each of its modules
  5: [0], // for its MD5
  10: [11, 0], // for SASL, in one of some ways
  11: [12, 0], // the challenge
  12: [0], // the server's own proof
};

const SIGNED_IN = 0;

/** Authentication messages of one sign-in at most. */
const MAX_MESSAGES = 10;

/**
 * The order in which a server asks for what it wants to know of whoever signs in: one question, the
 * challenge and the proof that belong to it, and that it was enough. One that asked for ever would be
 * given the password, or hashes of it, for ever.
 */
export class SignInOrder {
  #last: number | "nothing" = "nothing";
  #messages = 0;

  /** Whether the server took what it was told. */
  get isDone(): boolean {
    return this.#last === SIGNED_IN;
  }

  /** Whether an authentication message of this kind may come now. It counts as come. */
  takes(kind: number): boolean {
    const isInOrder = FOLLOWING[this.#last]?.includes(kind) ?? false;
    this.#last = kind;
    return isInOrder && ++this.#messages <= MAX_MESSAGES;
  }
}
