// Small helpers: make elements, write numbers.

const SVG = "http://www.w3.org/2000/svg";

/**
 * Makes an HTML element. Text is set as text, never parsed.
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Record<string, string | number | boolean>} [attributes] false leaves one out, true sets it empty
 * @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[T]}
 */
export function html(tag, attributes = {}, ...children) {
  return /** @type {HTMLElementTagNameMap[T]} */ (fill(document.createElement(tag), attributes, children));
}

/**
 * @template {keyof SVGElementTagNameMap} T
 * @param {T} tag
 * @param {Record<string, string | number | boolean>} [attributes]
 * @param {...(Node | string)} children
 * @returns {SVGElementTagNameMap[T]}
 */
export function svg(tag, attributes = {}, ...children) {
  return /** @type {SVGElementTagNameMap[T]} */ (fill(document.createElementNS(SVG, tag), attributes, children));
}

/**
 * @param {Element} element
 * @param {Record<string, string | number | boolean>} attributes
 * @param {Array<Node | string>} children
 */
function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== false) element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children);
  return element;
}

/** A button that submits nothing. @param {string} name @param {string} text @param {() => void} act */
export function button(name, text, act) {
  const made = html("button", { type: "button", class: `vx-button ${name}` }, text);
  made.addEventListener("click", act);
  return made;
}

/**
 * Lets a button be pressed or not. If it has the focus and may no longer be pressed, another gets it.
 * @param {HTMLButtonElement} one
 * @param {boolean} able
 * @param {HTMLElement} other
 */
export function enable(one, able, other) {
  const left = !able && document.activeElement === one;
  one.disabled = !able;
  if (left) other.focus({ preventScroll: true });
}

/** Four decimals, with a real minus. @param {number} x */
export function fixed(x, decimals = 4) {
  const text = Math.abs(x).toFixed(decimals);
  return x < 0 && Number(text) !== 0 ? `−${text}` : text;
}

/** A number on screen: rounded to see, exact in its value and title. @param {number} x */
export function number(x, decimals = 4, name = "") {
  return html("data", { value: x, title: x, ...(name && { class: name }) }, fixed(x, decimals));
}

/**
 * Text with **bold**, *italic* and `code`, as nodes.
 * @param {string} text
 * @returns {Array<Node | string>}
 */
export function inline(text) {
  return text.split(/(\*\*[^*]+\*\*|\*[^*]+\*|`[^`]+`)/).filter(Boolean).map((part) => {
    if (part.startsWith("**")) return html("strong", {}, part.slice(2, -2));
    if (part.startsWith("*") && part.length > 2) return html("em", {}, part.slice(1, -1));
    if (part.startsWith("`") && part.length > 2) return html("code", {}, part.slice(1, -1));
    return part;
  });
}

/** Puts `text` there only if it is new, so that nothing is announced twice, and into the text that is there. @param {Node} node @param {string} text */
export function write(node, text) {
  if (node.textContent === text) return;
  const { firstChild } = node;
  const only = firstChild instanceof Text && node.childNodes.length === 1;
  (only ? firstChild : node).textContent = text;
}

/**
 * Makes `parent` hold what is given, but keeps each node that is there already and is of the
 * same kind: its text and attributes are changed in place. Focus, selection and foldouts stay.
 * @param {Element} parent
 * @param {Array<Node | string>} children
 */
export function settle(parent, children) {
  const there = [...parent.childNodes];
  children.forEach((child, i) => {
    const node = typeof child === "string" ? document.createTextNode(child) : child;
    const old = there[i];
    if (!old) parent.append(node);
    else if (old.nodeName !== node.nodeName) old.replaceWith(node);
    else if (old instanceof Element) fit(old, /** @type {Element} */ (node));
    else write(old, node.textContent ?? "");
  });
  for (const old of there.slice(children.length)) old.remove();
}

/** @param {Element} old @param {Element} fresh */
function fit(old, fresh) {
  for (const { name } of [...old.attributes]) {
    if (!fresh.hasAttribute(name) && name !== "open") old.removeAttribute(name);
  }
  for (const { name, value } of fresh.attributes) {
    if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
  settle(old, [...fresh.childNodes]);
}

let made = 0;
/** An id that no other element of the page has. @param {string} name */
export function uid(name) {
  made += 1;
  return `vx-${name}-${made}`;
}
