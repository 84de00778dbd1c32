// A stateful GitHub of the npm package emulate, with an App whose tokens behave like GITHUB_TOKEN.
// usage: node emulator.mjs NODE_MODULES PORT < SEED.json
// Prints one line, {"url", "key"}: where it listens and the App's private key. Ends with its input.
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

const [modules, port] = process.argv.slice(2);
const folder = resolve(modules, "emulate");
const { exports, main } = JSON.parse(readFileSync(resolve(folder, "package.json"), "utf8"));
const entry = exports?.["."] ?? main;
const file = typeof entry === "string" ? entry : (entry.import?.default ?? entry.import ?? entry.default);
const { createEmulator } = await import(pathToFileURL(resolve(folder, file)));

process.stdin.setEncoding("utf8");
const lines = process.stdin[Symbol.asyncIterator]();
const { value: seed } = await lines.next();
const server = await createEmulator({ service: "github", port: Number(port), seed: JSON.parse(seed) });
console.log(JSON.stringify({ url: server.url, key: server.generatedSecrets[0].value }));
for await (const _ of lines);
process.exit(0);
