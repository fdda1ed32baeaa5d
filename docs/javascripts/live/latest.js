// One thing at a time, and always the newest: what a drag asks for faster than a model answers.

/** @template T */
export class Latest {
  #busy = false;
  /** @type {{request: T} | null} */ #waiting = null;

  /** @param {(request: T) => Promise<void>} answer must deal with its own errors */
  constructor(answer) {
    this.answer = answer;
  }

  /** Answers the request, now or after the one in hand; only the newest one waits. @param {T} request */
  async ask(request) {
    this.#waiting = { request };
    if (this.#busy) return;
    this.#busy = true;
    try {
      while (this.#waiting) {
        const next = this.#waiting.request;
        this.#waiting = null;
        await this.answer(next);
      }
    } finally {
      this.#busy = false;
    }
  }
}
