// Microsoft's own parser and renderer of Adaptive Cards, as the judge of a card on standard input.
// Prints a JSON list of what it says of the card. With a path as argument it writes the card as HTML there.
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(process.env.UPSHOT_MODULES + "/");

class Style {
  setProperty(name, value) { this[name] = value; }
  removeProperty(name) { delete this[name]; }
}

class Element {
  constructor(tag) { Object.assign(this, { tag, style: new Style(), attributes: {}, children: [], text: "" }); }
  get classList() { return { add: (...names) => names.forEach((name) => (this.className = `${this.className ?? ""} ${name}`.trim())), remove() {} }; }
  setAttribute(name, value) { this.attributes[name] = value; }
  getAttribute(name) { return this.attributes[name] ?? null; }
  removeAttribute(name) { delete this.attributes[name]; }
  appendChild(child) { this.children.push(child); return child; }
  addEventListener() {}
  get innerText() { return this.text; }
  set innerText(text) { this.text = text; }
  set textContent(text) { this.text = text; }
  get textContent() { return this.text; }
  set innerHTML(html) { this.html = html; }
  get innerHTML() { return this.html ?? ""; }
  set href(address) { this.attributes.href = address; }
}
for (const name of ["HTMLElement", "HTMLButtonElement", "HTMLAnchorElement", "HTMLInputElement", "SVGElement"]) globalThis[name] = Element;
globalThis.Element = Element;
globalThis.document = {
  createElement: (tag) => new Element(tag),
  createTextNode: (text) => Object.assign(new Element("#text"), { text }),
};
globalThis.window = globalThis;

const cards = require(`${process.env.UPSHOT_MODULES}/adaptivecards/dist/adaptivecards.js`);
const context = new cards.SerializationContext(cards.Versions.v1_4);
const card = new cards.AdaptiveCard();
card.parse(JSON.parse(readFileSync(0, "utf8")), context);
const said = [];
for (let n = 0; n < context.eventCount; n++) said.push(context.getEventAt(n).message);
for (const event of card.validateProperties().validationEvents) said.push(event.message);
const drawn = card.render();
if (!drawn) said.push("nothing is drawn");
if (process.argv[2] && drawn) writeFileSync(process.argv[2], html(drawn));
console.log(JSON.stringify(said));

function html(node) {
  const escape = (text) => String(text).replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);
  if (node.tag === "#text") return escape(node.text);
  const style = Object.entries(node.style).map(([k, v]) => `${k.replace(/[A-Z]/g, (c) => "-" + c.toLowerCase())}:${v}`).join(";");
  return `<${node.tag} style="${escape(style)}">${escape(node.text)}${node.children.map(html).join("")}</${node.tag}>`;
}
