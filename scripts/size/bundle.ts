/** What a bundler makes of the package, or of parts of it. */

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

export interface Bundle {
  readonly minified: number;
  readonly gzipped: number;
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
  const [file] = outputFiles;
  const [output] = Object.values(metafile.outputs);
  if (file === undefined || output === undefined) throw new Error(`esbuild made nothing of ${source}`);
  const files = Object.entries(output.inputs).map(([path, { bytesInOutput }]) => ({
    path,
    bytes: bytesInOutput,
  }));
  return {
    minified: file.contents.byteLength,
    gzipped: gzipSync(file.contents, { level: 9 }).byteLength,
    imports: output.imports.map(({ path }) => path),
    files: files.sort((a, b) => b.bytes - a.bytes),
  };
}
