/** What a bundler makes of the package, or of parts of it. */

import { relative } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import manifest from "../../package.json" with { type: "json" };

export interface Part {
  readonly name: string;
  /** What is bundled: a module that exports it. */
  readonly source: string;
  readonly platform: "browser" | "node";
  /** Packages that stay outside. Default: none. */
  readonly external?: readonly string[];
}

export interface Size {
  readonly minified: number;
  /** The sum over its files, since a browser gets them one by one. */
  readonly gzipped: number;
}

/** What is loaded at once: the entry point, and what it and its imports import. */
export interface Bundle extends Size {
  /** What is loaded when it is needed, by `import()`. */
  readonly later: Size;
  /** What it still imports when it runs. */
  readonly imports: readonly string[];
  /** How many bytes of it come from which file, the largest first. */
  readonly files: readonly { readonly path: string; readonly bytes: number }[];
}

const CODEC = "codecFor, decode, encode, FrameReader, messages, RequestHeader, ResponseHeader";
const RECORDS = "crc32c, readRecordBatches, RecordBatchBuilder";
const INSPECTOR = "coordinatorRecords, formatInspection, inspect, inspectFrame, settleCodecs";

const protocol = (name: string, exported: string): Part => ({
  name,
  source: `export ${exported} from "kafkawire/protocol"`,
  platform: "browser",
});

/** `kafkawire/protocol` in its parts, each with those in front of it, and then whole. */
export const protocolParts: readonly Part[] = [
  protocol("codec and every schema", `{ ${CODEC} }`),
  protocol("and records", `{ ${CODEC}, ${RECORDS} }`),
  protocol("and inspector", `{ ${CODEC}, ${RECORDS}, ${INSPECTOR} }`),
];

export const wholeProtocol: Part = protocol("kafkawire/protocol", "*");

/** The package's own code, with the platform of Node.js and what it needs for all codecs. */
export const wholeClient: Part = {
  name: "kafkawire",
  source: 'export * from "kafkawire"',
  platform: "node",
  external: Object.keys(manifest.dependencies),
};

/** Bundles and minifies `part` of the package that was built in `directory`. */
export async function bundle(directory: string, { source, platform, external = [] }: Part): Promise<Bundle> {
  const { outputFiles, metafile } = await build({
    stdin: { contents: source, resolveDir: directory },
    bundle: true,
    splitting: true,
    outdir: "out",
    minify: true,
    format: "esm",
    target: "es2023",
    platform,
    external: [...external],
    write: false,
    metafile: true,
    logLevel: "silent",
    absWorkingDir: directory,
  });
  const { outputs } = metafile;
  const entry = Object.keys(outputs).find((path) => outputs[path]?.entryPoint === "<stdin>");
  if (entry === undefined) throw new Error(`esbuild made nothing of ${source}`);
  const atOnce = new Set([entry]);
  // A set gives what is added to it while it is walked.
  for (const path of atOnce) {
    for (const { kind, path: imported } of outputs[path]?.imports ?? []) {
      if (kind === "import-statement" && imported in outputs) atOnce.add(imported);
    }
  }
  const sizeOf = (isCounted: (path: string) => boolean): Size => {
    const counted = outputFiles.filter(({ path }) => isCounted(relative(directory, path)));
    return {
      minified: counted.reduce((sum, { contents }) => sum + contents.byteLength, 0),
      gzipped: counted.reduce((sum, { contents }) => sum + gzipSync(contents, { level: 9 }).byteLength, 0),
    };
  };
  const loaded = Object.entries(outputs).filter(([path]) => atOnce.has(path));
  const files = loaded.flatMap(([, { inputs }]) =>
    Object.entries(inputs).map(([path, { bytesInOutput }]) => ({ path, bytes: bytesInOutput })),
  );
  return {
    ...sizeOf((path) => atOnce.has(path)),
    later: sizeOf((path) => !atOnce.has(path)),
    imports: Object.values(outputs).flatMap(({ imports }) =>
      imports.filter(({ external }) => external === true).map(({ path }) => path),
    ),
    files: files.sort((a, b) => b.bytes - a.bytes),
  };
}
