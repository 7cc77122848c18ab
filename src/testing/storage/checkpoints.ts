/** Kafka's small files beside the logs: lines of text, the first a version and the second how many follow. */

import type { EpochStart } from "../log/leader-epochs.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const VERSION = "0";

/** Lines as the bytes of such a file. */
export function checkpoint(lines: readonly string[]): Uint8Array {
  return encoder.encode([VERSION, lines.length, ...lines, ""].join("\n"));
}

/** The lines of such a file; none where there is no file, or it is not whole. */
export function checkpointLines(bytes: Uint8Array | null): string[] {
  if (bytes === null) return [];
  const [version, count, ...lines] = decoder.decode(bytes).trimEnd().split("\n");
  return version === VERSION && Number(count) === lines.length ? lines : [];
}

/** The lines of `leader-epoch-checkpoint`. */
export function epochLines(starts: readonly EpochStart[]): string[] {
  return starts.map(({ epoch, startOffset }) => `${epoch} ${startOffset}`);
}

/** What `leader-epoch-checkpoint` says; nothing where it makes no sense. */
export function epochsIn(lines: readonly string[]): EpochStart[] {
  if (!lines.every((line) => /^\d+ \d+$/.test(line))) return [];
  return lines.map((line) => {
    const [epoch, startOffset] = line.split(" ") as [string, string];
    return { epoch: Number(epoch), startOffset: BigInt(startOffset) };
  });
}

/** Properties as the bytes of a file. */
export function properties(values: Readonly<Record<string, string>>): Uint8Array {
  return encoder.encode(
    Object.entries(values)
      .map(([key, value]) => `${key}=${value}\n`)
      .join(""),
  );
}

/** Text as the bytes of a file. */
export function text(content: string): Uint8Array {
  return encoder.encode(content);
}
