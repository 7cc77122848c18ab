/** MetadataResponse v12 as somebody would write it by hand over the same cursors: the measure for compiled schemas. */

import type { MetadataResponse, Reader, Writer } from "kafkawire/protocol";

type Topic = MetadataResponse["topics"][number];
type Partition = Topic["partitions"][number];
type Broker = MetadataResponse["brokers"][number];

export function decode(r: Reader): MetadataResponse {
  const throttleTimeMs = r.int32();
  const brokers: Broker[] = [];
  for (let n = r.unsignedVarint() - 1; n > 0; n--) {
    const nodeId = r.int32();
    const host = r.text(r.unsignedVarint() - 1);
    const port = r.int32();
    const rackLength = r.unsignedVarint() - 1;
    const rack = rackLength < 0 ? null : r.text(rackLength);
    skipTags(r);
    brokers.push({ nodeId, host, port, rack });
  }
  const clusterIdLength = r.unsignedVarint() - 1;
  const clusterId = clusterIdLength < 0 ? null : r.text(clusterIdLength);
  const controllerId = r.int32();
  const topics: Topic[] = [];
  for (let n = r.unsignedVarint() - 1; n > 0; n--) {
    const errorCode = r.int16();
    const nameLength = r.unsignedVarint() - 1;
    const name = nameLength < 0 ? null : r.text(nameLength);
    const topicId = r.uuid();
    const isInternal = r.boolean();
    const partitions: Partition[] = [];
    for (let m = r.unsignedVarint() - 1; m > 0; m--) partitions.push(decodePartition(r));
    const topicAuthorizedOperations = r.int32();
    skipTags(r);
    topics.push({ errorCode, name, topicId, isInternal, partitions, topicAuthorizedOperations });
  }
  skipTags(r);
  return {
    throttleTimeMs,
    brokers,
    clusterId,
    controllerId,
    topics,
    clusterAuthorizedOperations: -2147483648,
    errorCode: 0,
  };
}

function decodePartition(r: Reader): Partition {
  const errorCode = r.int16();
  const partitionIndex = r.int32();
  const leaderId = r.int32();
  const leaderEpoch = r.int32();
  const replicaNodes = int32s(r);
  const isrNodes = int32s(r);
  const offlineReplicas = int32s(r);
  skipTags(r);
  return { errorCode, partitionIndex, leaderId, leaderEpoch, replicaNodes, isrNodes, offlineReplicas };
}

function int32s(r: Reader): number[] {
  const values: number[] = [];
  for (let n = r.unsignedVarint() - 1; n > 0; n--) values.push(r.int32());
  return values;
}

function skipTags(r: Reader): void {
  for (let n = r.unsignedVarint(); n > 0; n--) {
    r.unsignedVarint();
    r.view(r.unsignedVarint());
  }
}

export function encode(w: Writer, value: MetadataResponse): void {
  w.int32(value.throttleTimeMs);
  w.unsignedVarint(value.brokers.length + 1);
  for (const broker of value.brokers) {
    w.int32(broker.nodeId);
    text(w, broker.host);
    w.int32(broker.port);
    text(w, broker.rack);
    w.unsignedVarint(0);
  }
  text(w, value.clusterId);
  w.int32(value.controllerId);
  w.unsignedVarint(value.topics.length + 1);
  for (const topic of value.topics) {
    w.int16(topic.errorCode);
    text(w, topic.name);
    w.uuid(topic.topicId);
    w.boolean(topic.isInternal);
    w.unsignedVarint(topic.partitions.length + 1);
    for (const partition of topic.partitions) {
      w.int16(partition.errorCode);
      w.int32(partition.partitionIndex);
      w.int32(partition.leaderId);
      w.int32(partition.leaderEpoch);
      writeInt32s(w, partition.replicaNodes);
      writeInt32s(w, partition.isrNodes);
      writeInt32s(w, partition.offlineReplicas);
      w.unsignedVarint(0);
    }
    w.int32(topic.topicAuthorizedOperations);
    w.unsignedVarint(0);
  }
  w.unsignedVarint(0);
}

function writeInt32s(w: Writer, values: readonly number[]): void {
  w.unsignedVarint(values.length + 1);
  for (const value of values) w.int32(value);
}

function text(w: Writer, value: string | null): void {
  if (value === null) w.unsignedVarint(0);
  else w.text(value, 0x7fff, writeLength);
}

function writeLength(w: Writer, length: number): void {
  w.unsignedVarint(length + 1);
}
