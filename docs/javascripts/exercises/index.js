// <lesson-exercises src="….json">: exercises of the page, loaded when they come near the view.
// The page holds a link to their questions and answers; this puts what can be answered in its place.

const NEAR = "600px 0px";

/** @type {IntersectionObserver | undefined} */
let near;

class LessonExercises extends HTMLElement {
  #started = false;

  connectedCallback() {
    near ??= new IntersectionObserver((entries) => {
      for (const { isIntersecting, target } of entries) {
        if (isIntersecting) /** @type {LessonExercises} */ (target).build();
      }
    }, { rootMargin: NEAR });
    if (!this.#started) near.observe(this);
  }

  disconnectedCallback() {
    near?.unobserve(this);
  }

  /** Load what they are and what they do, and show them; the link stays when that fails. */
  async build() {
    if (this.#started) return;
    this.#started = true;
    near?.unobserve(this);
    try {
      const { show } = await import("./list.js");
      await show(this, new URL(this.getAttribute("src") ?? "", document.baseURI));
    } catch (error) {
      this.dataset.state = "failed";
      console.error(`${this.getAttribute("src")}:`, error);
    }
  }
}

if (!customElements.get("lesson-exercises")) customElements.define("lesson-exercises", LessonExercises);
