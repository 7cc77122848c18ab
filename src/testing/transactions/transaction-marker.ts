/** Markers: the control batches that end a transaction in each partition that takes part (KIP-98). */

import { ControlRecordTypeSchema, EndTxnMarker } from "../../protocol/control-records.ts";
import { RecordBatchBuilder } from "../../protocol/records/record-batch-builder.ts";
import { encodeVersioned } from "../../protocol/version-prefix.ts";
import type { ClusterState } from "../cluster-state.ts";
import { ownBatch } from "../log/partition-log.ts";
import type { Partition } from "../topics/partition.ts";

export interface TransactionMarker {
  readonly producerId: bigint;
  readonly producerEpoch: number;
  readonly isCommit: boolean;
  /** Leader epoch of the coordinator's partition. */
  readonly coordinatorEpoch: number;
  /** 2 where the epoch has grown for it, so that one that comes twice is known (KIP-1228); else 0. */
  readonly transactionVersion: number;
}

const VERSION = 0;
const ABORT = 0;
const COMMIT = 1;

/**
 * Writes a marker into a partition, and wakes those who wait there.
 *
 * @returns the name of the error with which Kafka refuses it, or `NONE`
 */
export function writeMarker(cluster: ClusterState, partition: Partition, marker: TransactionMarker): string {
  const { producerId, producerEpoch, coordinatorEpoch, transactionVersion } = marker;
  const known = partition.log.producers.get(producerId);
  if (known !== undefined) {
    const isKnown = transactionVersion >= 2 && producerEpoch === known.producerEpoch;
    if (producerEpoch < known.producerEpoch || isKnown) return "INVALID_PRODUCER_EPOCH";
    if (coordinatorEpoch < known.coordinatorEpoch) return "TRANSACTION_COORDINATOR_FENCED";
  }
  const nowMs = cluster.clock.wallMs();
  const settings = cluster.logSettings(partition.topicName);
  if (partition.isr.length < settings.minInsyncReplicas) return "NOT_ENOUGH_REPLICAS";
  partition.append(ownBatch(batchOf(marker, nowMs)), { origin: "coordinator", settings, nowMs });
  cluster.waits.wake(partition);
  return "NONE";
}

function batchOf(
  { producerId, producerEpoch, isCommit, coordinatorEpoch }: TransactionMarker,
  nowMs: number,
): Uint8Array {
  const builder = new RecordBatchBuilder();
  const type = isCommit ? COMMIT : ABORT;
  builder.append(
    nowMs,
    encodeVersioned(ControlRecordTypeSchema, VERSION, { type }),
    encodeVersioned(EndTxnMarker, VERSION, { coordinatorEpoch }),
  );
  return builder.build({ producerId, producerEpoch, isTransactional: true, isControl: true });
}
