import { encodeUtf8 } from "../utf8.ts";

// Every runtime has TextEncoder; this folder is compiled without the DOM's types, so it is declared here.
declare const TextEncoder: new () => {
  encodeInto(text: string, bytes: Uint8Array): { readonly written: number };
};

const encoder = new TextEncoder();

/** From this length on the call into the runtime's encoder is cheaper than a loop: it costs about 65 ns. */
const LONG = 32;

/** ES2024, which all runtimes of today have; without it long texts take the loop as well. */
interface MaybeWellFormed {
  isWellFormed?(): boolean;
}

/**
 * Writes `text` as UTF-8 at `start`, a lone surrogate as `?` as Kafka's Java client does, and returns the index
 * after its last byte. The room must be there.
 */
export function putText(bytes: Uint8Array, start: number, text: string): number {
  // The runtime's encoder would write U+FFFD for a lone surrogate.
  if (text.length >= LONG && (text as MaybeWellFormed).isWellFormed?.() === true) {
    return start + encoder.encodeInto(text, bytes.subarray(start)).written;
  }
  return encodeUtf8(text, bytes, start);
}
