// Draws a message to Slack (JSON on standard input) as HTML, into the file whose path is given.
// The renderer takes `verbatim` for "show the marks"; Slack only leaves addresses and names as they are.
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(process.env.UPSHOT_MODULES + "/");
const { createElement } = require("react");
const { renderToStaticMarkup } = require("react-dom/server");
const { Message } = require("slack-blocks-to-jsx");

const text = readFileSync(0, "utf8");
const { blocks } = JSON.parse(text, (key, value) => (key === "verbatim" ? undefined : value));
const style = readFileSync(require.resolve("slack-blocks-to-jsx/dist/style.css"), "utf8");
const logo = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg'/%3E";
const message = createElement(Message, { blocks, name: "Upshot", time: new Date(0), logo });
writeFileSync(process.argv[2], `<style>${style}</style>${renderToStaticMarkup(message)}`);
