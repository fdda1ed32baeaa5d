// Material loads the worker and the index of its search on every page. With this script, which
// runs before Material's, both wait until someone touches the search: the index is requested no
// sooner, and a stand-in starts the real worker when the index arrives.
(() => {
  const asked = new Promise((go) => {
    /** @param {Event} event */
    const touch = ({ target }) => {
      if (target instanceof Element && target.closest(".md-search, [for=__search]")) go(0);
    };
    addEventListener("focusin", touch);
    addEventListener("pointerdown", touch);
    if (new URLSearchParams(location.search).has("q")) go(0);
  });

  const Real = Worker;
  class LazyWorker extends EventTarget {
    /** @type {Worker | undefined} */ #real;
    #url;

    /** @param {string | URL} url */
    constructor(url) {
      super();
      this.#url = url;
    }

    /** @param {any} message */
    postMessage(message) {
      if (!this.#real) {
        this.#real = new Real(this.#url);
        this.#real.onmessage = ({ data }) => {
          this.dispatchEvent(new MessageEvent("message", { data }));
        };
      }
      this.#real.postMessage(message);
    }
  }
  window.Worker = /** @type {any} */ (
    new Proxy(Real, {
      construct: (_, [url, options]) =>
        `${url}`.includes("/workers/search.") ? new LazyWorker(url) : new Real(url, options),
    })
  );

  const { open, send } = XMLHttpRequest.prototype;
  /** @type {WeakSet<XMLHttpRequest>} */
  const waiting = new WeakSet();
  XMLHttpRequest.prototype.open = function (/** @type {any[]} */ ...settings) {
    if (`${settings[1]}`.endsWith("/search_index.json")) waiting.add(this);
    return open.apply(this, /** @type {any} */ (settings));
  };
  XMLHttpRequest.prototype.send = function (/** @type {any} */ body) {
    if (waiting.has(this)) asked.then(() => send.call(this, body));
    else send.call(this, body);
  };
})();
