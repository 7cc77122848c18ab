import { EncodeError } from "../errors.ts";
import { int16At, int32At, putBigInt64, putInt16, putInt32 } from "./big-endian.ts";
import { type BuildOptions, checkedHeader } from "./build-options.ts";
import { crc32c } from "./crc32c.ts";
import {
  ATTRIBUTES_AT,
  BASE_SEQUENCE_AT,
  CONTROL_FLAG,
  CRC_AT,
  LENGTH_AT,
  LOG_OVERHEAD,
  MAGIC,
  MAGIC_AT,
  PRODUCER_EPOCH_AT,
  PRODUCER_ID_AT,
  RECORD_BATCH_OVERHEAD,
  TRANSACTIONAL_FLAG,
} from "./layout.ts";

/** Who a batch comes from. */
export interface ProducerState
  extends Required<Pick<BuildOptions, "producerId" | "producerEpoch" | "baseSequence">> {
  /** Whether the records are part of a transaction. Default: what the batch says already. */
  readonly isTransactional?: boolean;
}

/**
 * Writes who a finished batch of magic 2 comes from into its header, in place, and its CRC anew: for a batch that
 * was compressed before its producer had an id, and for one that is sent again under a new epoch (KIP-360). The
 * records, compressed or not, stay as they are.
 *
 * @param batch the whole batch and nothing else
 * @throws EncodeError when it is not that, or when the producer's id, epoch, sequence and transaction do not go
 * together; the batch is then as it was.
 */
export function rewriteProducerState(batch: Uint8Array, state: ProducerState): void {
  const size = batch.byteLength;
  if (
    size < RECORD_BATCH_OVERHEAD ||
    batch[MAGIC_AT] !== MAGIC ||
    int32At(batch, LENGTH_AT) !== size - LOG_OVERHEAD
  ) {
    throw new EncodeError(`${size} bytes are not one whole record batch of magic ${MAGIC}`);
  }
  const attributes = int16At(batch, ATTRIBUTES_AT);
  const header = checkedHeader({
    ...state,
    isTransactional: state.isTransactional ?? (attributes & TRANSACTIONAL_FLAG) !== 0,
    isControl: (attributes & CONTROL_FLAG) !== 0,
  });
  putInt16(
    batch,
    ATTRIBUTES_AT,
    (attributes & ~TRANSACTIONAL_FLAG) | (header.isTransactional ? TRANSACTIONAL_FLAG : 0),
  );
  putBigInt64(batch, PRODUCER_ID_AT, header.producerId);
  putInt16(batch, PRODUCER_EPOCH_AT, header.producerEpoch);
  putInt32(batch, BASE_SEQUENCE_AT, header.baseSequence);
  putInt32(batch, CRC_AT, crc32c(batch, ATTRIBUTES_AT, size));
}
