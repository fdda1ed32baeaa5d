// One thing at a time, and always the newest: what a drag asks for faster than a model answers.

/** @template T */
export class Latest {
  #busy = false;
  /** @type {{request: T} | null} */ #waiting = null;

  /** @param {(request: T) => Promise<void>} answer @param {(error: Error) => void} fail told what went wrong in it */
  constructor(answer, fail) {
    this.answer = answer;
    this.fail = fail;
  }

  /** Answers the request, now or after the one in hand; only the newest one waits. @param {T} request */
  async ask(request) {
    this.#waiting = { request };
    if (this.#busy) return;
    this.#busy = true;
    while (this.#waiting) {
      const next = this.#waiting.request;
      this.#waiting = null;
      await this.answer(next).catch(this.fail);
    }
    this.#busy = false;
  }
}
