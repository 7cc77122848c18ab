import { EncodeError } from "../errors.ts";
import { type Int64Input, toBigInt } from "../int64.ts";
import { mismatch } from "../primitives.ts";
import type { Compressor } from "./compression-type.ts";

/** What the header of a finished batch says beside what its records do. */
export interface BuildOptions {
  /** Default: -1, for none. */
  readonly producerId?: Int64Input;
  /** Default: -1, for none. */
  readonly producerEpoch?: number;
  /** The sequence of the first record. Default: -1, for none. */
  readonly baseSequence?: number;
  /** Whether the records are part of a transaction. Default: false. */
  readonly isTransactional?: boolean;
  /** Whether the records are markers that a broker writes for itself. Default: false. */
  readonly isControl?: boolean;
  /** The offset of the first record: a producer leaves it to the broker. Default: 0. */
  readonly baseOffset?: Int64Input;
  /** A producer leaves it to the broker. Default: -1. */
  readonly partitionLeaderEpoch?: number;
  /** Compresses the records; null for none. Default: null. */
  readonly compression?: Compressor | null;
}

/** The options that end up in the header, all of them there. */
export interface BatchHeader
  extends Required<Omit<BuildOptions, "compression" | "producerId" | "baseOffset">> {
  readonly producerId: bigint;
  readonly baseOffset: bigint;
}

/** The header's values with Kafka's defaults, held against the rules of Kafka's own builder. */
export function checkedHeader(options: BuildOptions): BatchHeader {
  const { producerEpoch = -1, baseSequence = -1 } = options;
  const { isTransactional = false, isControl = false, partitionLeaderEpoch = -1 } = options;
  const producerId = checkedInt64(options.producerId ?? -1n, "producerId");
  const baseOffset = checkedInt64(options.baseOffset ?? 0n, "baseOffset");
  checkInt(producerEpoch, 0x7fff, "producerEpoch");
  checkInt(baseSequence, 0x7fff_ffff, "baseSequence");
  checkInt(partitionLeaderEpoch, 0x7fff_ffff, "partitionLeaderEpoch");
  if (producerId === -1n) {
    if (isTransactional)
      throw new EncodeError("a transactional batch needs a producer id").within("producerId");
  } else {
    if (producerEpoch < 0) throw new EncodeError("a producer id needs an epoch").within("producerEpoch");
    if (baseSequence < 0 && !isControl) {
      throw new EncodeError("a producer id needs a sequence").within("baseSequence");
    }
  }
  return {
    producerId,
    producerEpoch,
    baseSequence,
    isTransactional,
    isControl,
    baseOffset,
    partitionLeaderEpoch,
  };
}

function checkInt(value: number, highest: number, name: string): void {
  if (!Number.isInteger(value) || value < -1 || value > highest) {
    throw mismatch(`a whole number from -1 to ${highest}`, value).within(name);
  }
}

function checkedInt64(input: Int64Input, name: string): bigint {
  const value = toBigInt(input);
  if (value === null || value < -1n || value > 0x7fff_ffff_ffff_ffffn) {
    throw mismatch("a bigint or a Long from -1 to 2^63 - 1", input).within(name);
  }
  return value;
}
