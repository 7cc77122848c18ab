import type { Decompressor } from "../records/compression-type.ts";
import type { MessageSchema } from "../schema.ts";

/** A byte string in which the protocol itself sees only bytes. */
export interface OpaqueBytes {
  /** Where it is, such as `JoinGroupRequest.protocols[0].metadata`. */
  readonly path: string;
  readonly bytes: Uint8Array;
  /** The key of the record, where `bytes` are a record's value; else null. */
  readonly recordKey: Uint8Array | null;
}

/** What is inside a byte string. */
export interface EmbeddedMessage {
  readonly schema: MessageSchema;
  readonly version: number;
  /** Whether an int16 stands in front, as it does where the version, or the kind, has to be said. */
  readonly hasPrefix: boolean;
  /** The header in front of it, where it is a whole request. */
  readonly header?: { readonly schema: MessageSchema; readonly version: number };
}

/** Says what is inside a byte string; null leaves it as it is. */
export type EmbeddedHook = (field: OpaqueBytes) => EmbeddedMessage | null;

export interface InspectOptions {
  /** Show what is inside compressed record batches. Without a batch's codec its records are one leaf. */
  readonly codecs?: readonly Decompressor[];
  /** The largest size in bytes that the records of a batch may have when decompressed. Default: 16 MiB. */
  readonly maxDecompressedSize?: number;
  /**
   * Asked for every field of type `bytes` and every key and value of a record. Where the message that it names
   * turns out not to be there, the bytes stay bytes. Default: {@link consumerProtocol}, and in whole frames also
   * the request that an Envelope forwards.
   */
  readonly embedded?: EmbeddedHook;
}

export const DEFAULT_MAX_DECOMPRESSED_SIZE = 16 * 1024 * 1024;
