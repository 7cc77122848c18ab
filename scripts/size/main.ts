/**
 * How large the package is for those who bundle it, and how long it takes to load: what is loaded at once, in files
 * as a bundler splits them. `--files` also says how much of that each source file adds.
 */

import { parseArgs } from "node:util";
import { bundle, type Part, protocolParts, wholeClient, wholeProtocol } from "./bundle.ts";
import { loadTimeMs } from "./load-time.ts";
import { withPackage } from "./package-directory.ts";

const PROCESSES = 20;

const { values } = parseArgs({ options: { files: { type: "boolean", default: false } } });

function line(name: string, minified: string, gzipped: string): string {
  return `${name.padEnd(28)}${minified.padStart(12)}${gzipped.padStart(12)}`;
}

await withPackage(async (directory) => {
  console.log(line("bytes", "minified", "gzip"));
  for (const part of [...protocolParts, wholeProtocol, wholeClient] satisfies Part[]) {
    const { minified, gzipped, later, files } = await bundle(directory, part);
    const whole = part === wholeProtocol || part === wholeClient;
    console.log(line(whole ? part.name : `  ${part.name}`, String(minified), String(gzipped)));
    if (later.minified > 0) {
      console.log(line("  loaded when it is needed", String(later.minified), String(later.gzipped)));
    }
    if (!values.files || !whole) continue;
    for (const { path, bytes } of files) if (bytes > 0) console.log(line(`    ${path}`, String(bytes), ""));
  }
  const ms = await loadTimeMs(directory, PROCESSES);
  console.log(
    `\nimport "kafkawire" takes ${ms.toFixed(1)} ms more than an empty module, ` +
      `median of ${PROCESSES} processes, Node.js ${process.versions.node}`,
  );
});
