/** What the sticky assignors say to their leader in the subscription of their member. */

import { codecFor } from "../../../protocol/compile.ts";
import { DecodeError } from "../../../protocol/errors.ts";
import { int32, string } from "../../../protocol/primitives.ts";
import { Reader } from "../../../protocol/reader.ts";
import { array, data, field, type Infer, struct } from "../../../protocol/schema.ts";
import { Writer } from "../../../protocol/writer.ts";
import type { MemberAssignment } from "../../assignor.ts";
import { inHashOrderOfComputed } from "../hash-order.ts";

/** Of `sticky`: what the member had. Version 1 adds since when (KIP-341); nothing in the bytes says which one it is. */
const StickyUserData = data({
  name: "StickyAssignorUserData",
  validVersions: "0-1",
  fields: {
    previousAssignment: field(
      "0+",
      array(
        struct("TopicAssignment", {
          topic: field("0+", string),
          partitions: field("0+", array(int32)),
        }),
      ),
    ),
    generation: field("1+", int32, { default: -1 }),
  },
});
type StickyUserData = Infer<typeof StickyUserData>;

/** Of `cooperative-sticky`: when the member was last assigned something (KIP-429). */
const CooperativeStickyUserData = data({
  name: "CooperativeStickyAssignorUserData",
  validVersions: "0",
  fields: { generation: field("0+", int32) },
});

export function encodeStickyUserData({ partitions }: MemberAssignment, generation: number): Uint8Array {
  const assigned = new Map([...partitions].filter(([, numbers]) => numbers.length > 0));
  const previousAssignment = inHashOrderOfComputed(assigned).map((topic) => ({
    topic,
    partitions: [...(assigned.get(topic) ?? [])],
  }));
  const writer = new Writer();
  codecFor(StickyUserData, 1).encode(writer, { previousAssignment, generation });
  return writer.toBytes();
}

/** Nothing owned where there are no bytes, or none that can be read: the member then only loses its stickiness. */
export function decodeStickyUserData(bytes: Uint8Array | null): StickyUserData {
  for (const version of bytes === null ? [] : [1, 0]) {
    try {
      return codecFor(StickyUserData, version).decode(new Reader(bytes as Uint8Array));
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
    }
  }
  return { previousAssignment: [], generation: -1 };
}

export function encodeCooperativeStickyUserData(generation: number): Uint8Array {
  const writer = new Writer();
  codecFor(CooperativeStickyUserData, 0).encode(writer, { generation });
  return writer.toBytes();
}

/** The generation; -1 where there are no bytes, or none that can be read. */
export function decodeCooperativeStickyUserData(bytes: Uint8Array | null): number {
  if (bytes === null) return -1;
  try {
    return codecFor(CooperativeStickyUserData, 0).decode(new Reader(bytes)).generation;
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    return -1;
  }
}
