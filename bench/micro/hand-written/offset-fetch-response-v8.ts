/** OffsetFetchResponse v8 as somebody would write it by hand over the same cursors. */

import type { OffsetFetchResponse, Reader, Uuid, Writer } from "kafkawire/protocol";

type Group = OffsetFetchResponse["groups"][number];
type Topic = Group["topics"][number];

const ZERO: Uuid = "AAAAAAAAAAAAAAAAAAAAAA";

export function decode(r: Reader): OffsetFetchResponse {
  const throttleTimeMs = r.int32();
  const groups: Group[] = [];
  for (let n = r.unsignedVarint() - 1; n > 0; n--) {
    const groupId = r.text(r.unsignedVarint() - 1);
    const topics: Topic[] = [];
    for (let m = r.unsignedVarint() - 1; m > 0; m--) {
      const name = r.text(r.unsignedVarint() - 1);
      const partitions: Topic["partitions"] = [];
      for (let p = r.unsignedVarint() - 1; p > 0; p--) {
        const partitionIndex = r.int32();
        const committedOffset = r.int64();
        const committedLeaderEpoch = r.int32();
        const metadataLength = r.unsignedVarint() - 1;
        const metadata = metadataLength < 0 ? null : r.text(metadataLength);
        const errorCode = r.int16();
        skipTags(r);
        partitions.push({ partitionIndex, committedOffset, committedLeaderEpoch, metadata, errorCode });
      }
      skipTags(r);
      topics.push({ name, topicId: ZERO, partitions });
    }
    const errorCode = r.int16();
    skipTags(r);
    groups.push({ groupId, topics, errorCode });
  }
  skipTags(r);
  return { throttleTimeMs, topics: [], errorCode: 0, groups };
}

function skipTags(r: Reader): void {
  for (let n = r.unsignedVarint(); n > 0; n--) {
    r.unsignedVarint();
    r.view(r.unsignedVarint());
  }
}

export function encode(w: Writer, value: OffsetFetchResponse): void {
  w.int32(value.throttleTimeMs);
  w.unsignedVarint(value.groups.length + 1);
  for (const group of value.groups) {
    w.text(group.groupId, 0x7fff, writeLength);
    w.unsignedVarint(group.topics.length + 1);
    for (const topic of group.topics) {
      w.text(topic.name, 0x7fff, writeLength);
      w.unsignedVarint(topic.partitions.length + 1);
      for (const partition of topic.partitions) {
        w.int32(partition.partitionIndex);
        w.int64(partition.committedOffset);
        w.int32(partition.committedLeaderEpoch);
        if (partition.metadata === null) w.unsignedVarint(0);
        else w.text(partition.metadata, 0x7fff, writeLength);
        w.int16(partition.errorCode);
        w.unsignedVarint(0);
      }
      w.unsignedVarint(0);
    }
    w.int16(group.errorCode);
    w.unsignedVarint(0);
  }
  w.unsignedVarint(0);
}

function writeLength(w: Writer, length: number): void {
  w.unsignedVarint(length + 1);
}
