// The words of a widget in the page's language; English where there are none in it.

/**
 * @template T
 * @param {{en: T} & Record<string, T>} languages
 * @returns {T}
 */
export function choose(languages) {
  const language = document.documentElement.lang.split("-")[0];
  return languages[language] ?? languages.en;
}
