// A list of formulas in, a list of answers out: {tex, display} -> {html} or {error}.
import { text } from "node:stream/consumers";
import katex from "katex";

const answers = JSON.parse(await text(process.stdin)).map(({ tex, display }) => {
  try {
    return {
      html: katex.renderToString(tex, { displayMode: display, throwOnError: true, strict: "error" }),
    };
  } catch (error) {
    return { error: error.message };
  }
});
process.stdout.write(JSON.stringify(answers));
