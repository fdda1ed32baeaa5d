// One part of the page for each word.

/** @import { Word } from "./sheet.js" */

/**
 * Makes a part when its word comes, removes it when the word goes, and keeps all in the words' order.
 * @template {{element: Element}} T
 * @param {Element} holder
 * @param {(id: number) => T} make
 * @returns {(words: readonly Word[]) => T[]}
 */
export function perWord(holder, make) {
  /** @type {Map<number, T>} */
  const parts = new Map();
  return (words) => {
    for (const [id, { element }] of parts) {
      if (words.some((word) => word.id === id)) continue;
      element.remove();
      parts.delete(id);
    }
    return words.map(({ id }, i) => {
      const part = parts.get(id) ?? make(id);
      parts.set(id, part);
      if (holder.children[i] !== part.element) holder.insertBefore(part.element, holder.children[i] ?? null);
      return part;
    });
  };
}
