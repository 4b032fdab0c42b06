// Parses the AsyncAPI document named on the command line, references included; prints its faults.
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { Parser } from "@asyncapi/parser";

const path = resolve(process.argv[2]);
const { document, diagnostics } = await new Parser().parse(await readFile(path, "utf8"), {
  source: path,
});
const faults = diagnostics.filter(({ severity }) => severity <= 1);
for (const { message, path: where } of faults) {
  console.log(`${where.join(".")}: ${message}`);
}
process.exitCode = faults.length > 0 || !document ? 1 : 0;
