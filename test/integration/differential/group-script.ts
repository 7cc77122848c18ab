/** What is asked about groups: offsets, members of the classic protocol and what admins ask. */

import {
  commit,
  committed,
  DeleteGroups,
  DescribeGroups,
  deleteOffsets,
  describe,
  FindCoordinator,
  heartbeat,
  isReady,
  isRebalancing,
  join,
  leave,
  sync,
} from "./group-steps.ts";
import { type Step, step } from "./step.ts";

const ALL_OF_COMMIT = [2, 3, 4, 5, 6, 7, 8, 9, 10];
const ALL_OF_FETCH = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
const ALL_OF_DESCRIBE = [0, 1, 2, 3, 4, 5, 6];

const offsets: readonly Step[] = [
  ...step("who coordinates", FindCoordinator, [4], ({ topic }) => ({ coordinatorKeys: [topic] }), {
    until: isReady,
  }),
  ...step("once the coordinator is ready", DescribeGroups, [5], ({ topic }) => ({ groups: [topic] }), {
    until: isReady,
  }),
  ...committed("offsets of groups that there are not", ALL_OF_FETCH),
  ...committed("all offsets of groups that there are not", [2, 7, 8, 9, 10], null),
  ...commit("a generation of a group that there is not", [8, 9, 10], { member: "x", generation: 3 }),
  ...commit("an offset", ALL_OF_COMMIT),
  ...commit("an offset of an unknown topic", [2, 9, 10], { topic: "absent" }),
  ...commit("an offset of an unknown partition", [2, 9, 10], { partition: 99 }),
  ...commit("too much metadata", [2, 9, 10], { metadata: "m".repeat(4097) }),
  ...commit("as much metadata as may be", [9], { metadata: "m".repeat(4096) }),
  ...commit("no metadata", [2, 9], { metadata: null }),
  ...commit("an offset with a generation, outside membership", [2, 9], { generation: 3 }),
  ...commit("an offset of nobody", [2, 9], { member: "x" }),
  ...commit("an offset of the group without a name", [9], { group: "-other" }),
  ...committed("offsets", ALL_OF_FETCH),
  ...committed("all offsets", [2, 5, 7, 8, 9, 10], null),
  ...committed("an offset of an unknown partition", [1, 5, 8, 9, 10], [99]),
  ...describe("a group that only has offsets", ALL_OF_DESCRIBE),
  ...describe("a group that there is not", ALL_OF_DESCRIBE, "-absent"),
  ...deleteOffsets("offsets deleted", ""),
  ...deleteOffsets("offsets deleted of an unknown topic", "", "absent"),
  ...deleteOffsets("offsets deleted of a group that there is not", "-absent"),
  ...deleteOffsets("offsets deleted of no group", null),
  ...committed("offsets that were deleted", [5, 9]),
];

const refused: readonly Step[] = [
  ...join("joining no group", [0, 4, 6, 7, 9], { group: null, isNew: true }),
  ...join("too short a session", [0, 9], { session: 1, isNew: true }),
  ...join("too long a session", [0, 9], { session: 100_000_000, isNew: true }),
  ...join("joining with an id of nobody", [0, 5, 7, 9], { member: "x" }),
  ...join("joining a new group with an id of nobody", [0, 9], { member: "x", group: "-new" }),
  ...join("joining without protocols", [0, 6, 7, 9], { protocols: [], isNew: true }),
  ...join("joining without a type", [0, 9], { type: "", isNew: true }),
  ...join("joining as a static member with an id of nobody", [5, 9], { member: "x", instance: "i" }),
  ...sync("assignments of nobody", [0, 3, 5], "x", 1),
  ...sync("assignments in a group that there is not", [0, 5], "x", 1, { group: "-absent" }),
  ...sync("assignments without a protocol", [4, 5], "x", 1, { protocol: null }),
  ...heartbeat("a heartbeat of nobody", [0, 3, 4], "x", 1),
  ...heartbeat("a heartbeat in a group that there is not", [0, 4], "x", 1, { group: "-absent" }),
  ...leave("leaving of nobody", [0, 1, 2, 3, 5], [{ member: "x" }]),
  ...leave("leaving a group that there is not", [0, 2, 3, 5], [{ member: "x" }], { group: "-absent" }),
  ...leave("leaving of nobody at all", [3, 5], []),
];

const oneMember: readonly Step[] = [
  ...join("a first member", [9], { member: "a", isNew: true }),
  ...describe("a group that waits for its first member", [6]),
  ...join("a first member with its id", [9], { member: "a" }),
  ...join("the same again", [7, 9], { member: "a" }),
  ...heartbeat("a heartbeat before the assignment", [0, 4], "a", 1),
  ...commit("an offset before the assignment", [2, 9], { member: "a", generation: 1 }),
  ...describe("a group before the assignment", ALL_OF_DESCRIBE),
  ...sync("assignments of another generation", [0, 5], "a", 7),
  ...sync("assignments of another protocol", [4, 5], "a", 1, { protocol: "sticky" }),
  ...sync("assignments of another type", [5], "a", 1, { type: "connect" }),
  ...sync("assignments", [5], "a", 1, { assigned: ["a", "nobody"] }),
  ...sync("assignments again", [0, 3, 5], "a", 1),
  ...heartbeat("a heartbeat", [0, 3, 4], "a", 1),
  ...heartbeat("a heartbeat of another generation", [0, 4], "a", 7),
  ...heartbeat("a heartbeat of a static member that is none", [3, 4], "a", 1, { instance: "i" }),
  ...describe("a stable group", ALL_OF_DESCRIBE),
  ...commit("an offset of a member", [2, 5, 9, 10], { member: "a", generation: 1 }),
  ...commit("an offset of another generation", [2, 9, 10], { member: "a", generation: 7 }),
  ...commit("an offset of another member", [2, 9], { member: "x", generation: 1 }),
  ...commit("an offset of nobody beside members", [2, 9]),
  ...commit("an offset of a static member that is none", [7, 9], {
    member: "a",
    instance: "i",
    generation: 1,
  }),
  ...committed("offsets of a member", [1, 5, 8, 10]),
  ...deleteOffsets("offsets deleted of what is read", ""),
  ...step("a group deleted that has members", DeleteGroups, [0, 2, 3], ({ topic }) => ({
    groupsNames: [topic],
  })),
  ...join("another type", [3, 9], { type: "connect", isNew: true }),
  ...join("protocols that nobody has", [3, 9], { protocols: ["other"], isNew: true }),
];

/** Another connection, since one waits for its answer. */
const other = { connection: 1 } as const;

const twoMembers: readonly Step[] = [
  ...join("a second member", [5], { member: "b", isNew: true, step: other }),
  ...heartbeat("a heartbeat while an id is not used", [4], "a", 1),
  ...join("a second member with its id", [5], { member: "b", step: { ...other, part: "send" } }),
  ...heartbeat("a heartbeat until there is a rebalance", [4], "a", 1, { step: { until: isRebalancing } }),
  ...describe("a group that rebalances", ALL_OF_DESCRIBE),
  ...sync("assignments while others join", [5], "a", 1),
  ...commit("an offset while others join", [2, 9], { member: "a", generation: 1 }),
  ...join("a first member again", [9], { member: "a" }),
  ...join("the answer to the second member", [5], { member: "b", step: { ...other, part: "receive" } }),
  ...sync("assignments of the second member", [5], "b", 2, { step: { ...other, part: "send" } }),
  ...sync("assignments of the leader", [5], "a", 2, { assigned: ["a", "b"] }),
  ...sync("the answer to the second member", [5], "b", 2, { step: { ...other, part: "receive" } }),
  ...describe("a stable group of two", [5]),
  ...join("a follower without a change", [9], { member: "b", step: other }),
  ...leave("a follower leaves", [4], [{ member: "b" }], { step: other }),
  ...heartbeat("a heartbeat of who has left", [4], "b", 2, { step: other }),
  ...heartbeat("a heartbeat of who stays", [4], "a", 2),
  ...join("who stays joins", [9], { member: "a" }),
  ...sync("who stays assigns", [5], "a", 3, { assigned: ["a"] }),
  ...leave("the last one leaves, and nobody", [5], [{ member: "a" }, { member: "x" }, { instance: "i" }]),
  ...describe("an empty group", ALL_OF_DESCRIBE),
  ...heartbeat("a heartbeat of who was the last", [4], "a", 3),
  ...commit("an offset in an empty group", [9]),
  ...commit("an offset of who was the last", [9], { member: "a", generation: 3 }),
  ...join("joining with the id of before", [9], { member: "a" }),
];

const staticMembers: readonly Step[] = [
  ...join("a static member", [9], { member: "s1", instance: "i", isNew: true }),
  ...sync("a static member assigns", [5], "s1", 5, { instance: "i", assigned: ["s1"] }),
  ...join("a static member comes back", [9], { member: "s2", instance: "i", isNew: true }),
  ...sync("a static member asks for its assignment", [5], "s2", 5, { instance: "i" }),
  ...join("a static member of before KIP-814 comes back", [5], { member: "s3", instance: "i", isNew: true }),
  ...heartbeat("a heartbeat of who was replaced", [3, 4], "s2", 5, { instance: "i" }),
  ...heartbeat("a heartbeat of who was replaced, without its name", [4], "s2", 5),
  ...sync("assignments of who was replaced", [5], "s2", 5, { instance: "i" }),
  ...commit("an offset of who was replaced", [7, 9], { member: "s2", instance: "i", generation: 5 }),
  ...join("joining of who was replaced", [5, 7, 9], { member: "s2", instance: "i" }),
  ...leave("leaving of who was replaced", [3, 5], [{ member: "s2", instance: "i" }]),
  ...describe("a group with a static member", [3, 4, 6]),
  ...leave("an admin removes the static member", [5], [{ instance: "i" }]),
];

const otherKinds: readonly Step[] = [
  ...join("a member without an id to be given out", [0], {
    member: "c",
    group: "-c",
    type: "connect",
    isNew: true,
  }),
  ...sync("its assignments", [0], "c", 1, { group: "-c", assigned: ["c"] }),
  ...describe("a group of no consumers", [5], "-c"),
  ...deleteOffsets("offsets deleted of no consumers", "-c"),
  ...leave("its end", [0], [{ member: "c" }], { group: "-c" }),
  ...step("groups deleted", DeleteGroups, [0, 1, 2, 3], ({ topic }) => ({
    groupsNames: [topic, topic],
  })),
  ...committed("offsets of a group that was deleted", [5, 9]),
  ...describe("a group that was deleted", [5, 6]),
];

export const groupScript: readonly Step[] = [
  ...offsets,
  ...refused,
  ...oneMember,
  ...twoMembers,
  ...staticMembers,
  ...otherKinds,
];
