// Lists the words that a script shows to a reader but that do not stand with the others, in
// its strings/: `node words.mjs FOLDER`. It parses the scripts and looks where words
// get onto a page: children given to html() and svg(), text given to button() and write(),
// attributes and properties that are read out, and messages of errors with a reader in mind.
import { readFileSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join, relative } from "node:path";

const ts = createRequire(new URL("../../web/package.json", import.meta.url))("typescript");
const WORD = /\p{L}{2,}/u;
const READ = /^(aria-(label|description|roledescription|valuetext)|title|alt|placeholder|label)$/;
const PROPERTIES = /^(textContent|innerText|innerHTML|title|alt|placeholder|ariaLabel|ariaDescription)$/;
const ERRORS = /^(DataError|Problem)$/;
/** Which arguments of a call are shown. */
const SHOWN = {
  html: (i) => i >= 2,
  svg: (i) => i >= 2,
  button: (i) => i === 1,
  write: (i) => i === 1,
  append: () => true,
  prepend: () => true,
  replaceChildren: () => true,
  createTextNode: () => true,
};

const folder = process.argv[2];
for (const name of readdirSync(folder, { recursive: true })) {
  if (!name.endsWith(".js") || name.startsWith("strings/")) continue;
  const path = join(folder, name);
  const source = ts.createSourceFile(path, readFileSync(path, "utf8"), ts.ScriptTarget.Latest, true);
  visit(source, source);
}

function visit(node, source) {
  for (const shown of shownBy(node)) {
    for (const { text, at } of texts(shown)) {
      if (!WORD.test(text)) continue;
      const { line } = source.getLineAndCharacterOfPosition(at);
      console.log(`${relative(folder, source.fileName)}:${line + 1}: ${text.trim()}`);
    }
  }
  ts.forEachChild(node, (child) => visit(child, source));
}

/** The expressions within a node that a reader will see. */
function shownBy(node) {
  if (ts.isNewExpression(node) && ERRORS.test(node.expression.getText())) return [...(node.arguments ?? [])];
  if (ts.isCallExpression(node)) {
    const name = node.expression.name?.text ?? node.expression.text;
    if (name === "setAttribute" && READ.test(node.arguments[0]?.text ?? "")) return [node.arguments[1]];
    return SHOWN[name] ? node.arguments.filter((_, i) => SHOWN[name](i)) : [];
  }
  if (ts.isPropertyAssignment(node) && READ.test(node.name.text ?? "")) return [node.initializer];
  const assigned = ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.EqualsToken;
  if (assigned && PROPERTIES.test(node.left.name?.text ?? "")) return [node.right];
  return [];
}

/** The words written in an expression itself, not in what it calls. */
function texts(node) {
  if (ts.isStringLiteralLike(node)) return [{ text: node.text, at: node.getStart() }];
  if (ts.isTemplateExpression(node)) {
    const spans = node.templateSpans.flatMap(({ expression, literal }) => [
      ...texts(expression),
      { text: literal.text, at: literal.getStart() },
    ]);
    return [{ text: node.head.text, at: node.getStart() }, ...spans];
  }
  if (ts.isConditionalExpression(node)) return [...texts(node.whenTrue), ...texts(node.whenFalse)];
  if (ts.isBinaryExpression(node)) return [...texts(node.left), ...texts(node.right)];
  if (ts.isParenthesizedExpression(node) || ts.isSpreadElement(node)) return texts(node.expression);
  if (ts.isArrayLiteralExpression(node)) return node.elements.flatMap(texts);
  return [];
}
