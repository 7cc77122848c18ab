/** JoinGroupResponse v9 as somebody would write it by hand over the same cursors. */

import type { JoinGroupResponse, Reader, Writer } from "kafkawire/protocol";

export function decode(r: Reader): JoinGroupResponse {
  const throttleTimeMs = r.int32();
  const errorCode = r.int16();
  const generationId = r.int32();
  const protocolType = nullableText(r);
  const protocolName = nullableText(r);
  const leader = r.text(r.unsignedVarint() - 1);
  const skipAssignment = r.boolean();
  const memberId = r.text(r.unsignedVarint() - 1);
  const members: JoinGroupResponse["members"] = [];
  for (let n = r.unsignedVarint() - 1; n > 0; n--) {
    const id = r.text(r.unsignedVarint() - 1);
    const groupInstanceId = nullableText(r);
    const metadata = r.view(r.unsignedVarint() - 1);
    skipTags(r);
    members.push({ memberId: id, groupInstanceId, metadata });
  }
  skipTags(r);
  return {
    throttleTimeMs,
    errorCode,
    generationId,
    protocolType,
    protocolName,
    leader,
    skipAssignment,
    memberId,
    members,
  };
}

function nullableText(r: Reader): string | null {
  const length = r.unsignedVarint() - 1;
  return length < 0 ? null : r.text(length);
}

function skipTags(r: Reader): void {
  for (let n = r.unsignedVarint(); n > 0; n--) {
    r.unsignedVarint();
    r.view(r.unsignedVarint());
  }
}

export function encode(w: Writer, value: JoinGroupResponse): void {
  w.int32(value.throttleTimeMs);
  w.int16(value.errorCode);
  w.int32(value.generationId);
  text(w, value.protocolType);
  text(w, value.protocolName);
  text(w, value.leader);
  w.boolean(value.skipAssignment);
  text(w, value.memberId);
  w.unsignedVarint(value.members.length + 1);
  for (const member of value.members) {
    text(w, member.memberId);
    text(w, member.groupInstanceId);
    w.unsignedVarint(member.metadata.byteLength + 1);
    w.raw(member.metadata);
    w.unsignedVarint(0);
  }
  w.unsignedVarint(0);
}

function text(w: Writer, value: string | null): void {
  if (value === null) w.unsignedVarint(0);
  else w.text(value, 0x7fff, writeLength);
}

function writeLength(w: Writer, length: number): void {
  w.unsignedVarint(length + 1);
}
