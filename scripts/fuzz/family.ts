import type { Random } from "./random.ts";

/** Decoders that are alike. */
export interface Family {
  readonly name: string;
  /** What can be decoded, such as a version of a message. */
  readonly targets: readonly string[];
  /** Bytes that the target accepts; the same ones for the same seed. */
  samples(target: string, seed: number): readonly Uint8Array[];
  /** Makes mutated bytes likelier to get past the first check, as by putting the CRC right. */
  mend?(target: string, bytes: Uint8Array, random: Random): Uint8Array;
  /**
   * Decodes the bytes and looks at all of it. Returns false when they were refused with an error that is
   * documented; any other is thrown.
   */
  decode(target: string, bytes: Uint8Array): boolean;
}
