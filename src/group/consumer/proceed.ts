/** What a member does next by itself, wherever an event has left it. Pure. */

import type { Uuid } from "../../protocol/uuid.ts";
import { departureOf, heartbeatOf, isUrgent, toSay } from "./heartbeat.ts";
import {
  isMember,
  lostAtMs,
  type MemberEffect,
  type MemberPhase,
  type MemberState,
  type MemberStep,
  type NamedPartition,
  type PendingRequest,
  sessionEndsAtMs,
} from "./member-state.ts";
import { isSame, listOf, minus, NO_PARTITIONS, ofTopics, type PartitionSet, plus } from "./partition-set.ts";

/** Takes the steps that are due now: of the host first, then the next request. */
export function proceed(step: MemberStep, atMs: number): MemberStep {
  return [countOut, suspend, comeBack, name, reconcile, tell, send].reduce<MemberStep>(
    ({ state, effects }, next) => {
      const taken = next(state, atMs);
      return { state: taken.state, effects: [...effects, ...taken.effects] };
    },
    step,
  );
}

/** When something is due without another event; null while the member waits for one. */
export function dueAtMs(state: MemberState): number | null {
  const requestAtMs = requestDueAtMs(state);
  if (!isMember(state)) return requestAtMs;
  const sessionAtMs = state.isSuspended ? lostAtMs(state) : sessionEndsAtMs(state);
  return requestAtMs === null ? sessionAtMs : Math.min(requestAtMs, sessionAtMs);
}

function requestDueAtMs(state: MemberState): number | null {
  const { phase, request, departure, notBeforeMs, heartbeatAtMs } = state;
  if (request !== null) return null;
  const leaves = departure !== null && (phase === "leaving" || phase === "stale" || phase === "joining");
  if (leaves) return notBeforeMs;
  if (phase !== "joining" && !isMember(state)) return null;
  return isUrgent(state) ? notBeforeMs : Math.max(notBeforeMs, heartbeatAtMs);
}

function same(state: MemberState): MemberStep {
  return { state, effects: [] };
}

/** Others may have the partitions by now: nobody has heard of this member for too long. */
function countOut(state: MemberState, atMs: number): MemberStep {
  if (!isMember(state) || atMs < lostAtMs(state)) return same(state);
  const unheardMs = 2 * state.settings.sessionTimeoutMs;
  return fence(state, `nothing was heard from the coordinator for ${unheardMs} ms`);
}

/** Others may have the partitions once a session is over, and need not: the coordinator may only be away. */
function suspend(state: MemberState, atMs: number): MemberStep {
  const isSuspended = isMember(state) && atMs >= sessionEndsAtMs(state);
  if (isSuspended === state.isSuspended) return same(state);
  return { state: { ...state, isSuspended }, effects: [{ type: isSuspended ? "suspend" : "resume" }] };
}

/** Joins again once the host has forgotten what was lost. */
function comeBack(state: MemberState, atMs: number): MemberStep {
  const { phase, work, loss, request, isPolled } = state;
  if (work !== null || loss !== null) return same(state);
  if (phase === "fenced") return join(state, atMs);
  // The leaving comes first, but nobody waits for it longer than for one answer.
  if (phase === "stale" && isPolled && request === null) return join({ ...state, departure: null }, atMs);
  return same(state);
}

/** Begins anew, with epoch 0. One who does not want to read anything is no member. */
export function join(state: MemberState, atMs: number): MemberStep {
  const { subscription } = state;
  const wantsNothing =
    subscription === null || (subscription.topics.length === 0 && subscription.pattern === null);
  return same({
    ...state,
    phase: wantsNothing ? "unsubscribed" : "joining",
    epoch: 0,
    said: null,
    owned: NO_PARTITIONS,
    acknowledged: NO_PARTITIONS,
    owesOwned: false,
    target: null,
    isNews: false,
    request: null,
    heartbeatAtMs: atMs,
  });
}

/** The membership of this epoch is over without the member having left. */
export function fence(state: MemberState, why: string): MemberStep {
  const { state: lost, effects } = giveUpAll({ ...state, phase: "fenced" });
  return {
    state: lost,
    effects: [{ type: "note", what: `is no member any more, and joins again: ${why}` }, ...effects],
  };
}

/** Has the host forget everything. */
export function giveUpAll(state: MemberState): MemberStep {
  const { owned, names, works } = state;
  const lost: MemberState = {
    ...state,
    epoch: 0,
    said: null,
    owned: NO_PARTITIONS,
    acknowledged: NO_PARTITIONS,
    owesOwned: false,
    target: null,
    isNews: false,
    request: null,
  };
  if (owned.size === 0) return same(lost);
  const work = works + 1;
  return {
    state: { ...lost, works: work, loss: work },
    effects: [{ type: "lose", work, partitions: named(owned, names) }],
  };
}

/** It is over: the host is told once it has forgotten everything. */
export function fail(state: MemberState, error: Error): MemberStep {
  return giveUpAll({ ...state, phase: "fatal", departure: null, failure: error });
}

function tell(state: MemberState): MemberStep {
  const { phase, failure, loss } = state;
  if (phase !== "fatal" || failure === null || loss !== null) return same(state);
  return { state: { ...state, failure: null }, effects: [{ type: "fail", error: failure }] };
}

/** Has names looked up that are missing, and forgets those that nobody needs. */
function name(state: MemberState): MemberStep {
  const { target, owned, names, nameless } = state;
  const wanted = new Set<Uuid>();
  if (isMember(state) && target !== null)
    for (const topicId of target.keys()) if (!names.has(topicId)) wanted.add(topicId);
  const kept = [...names].filter(([topicId]) => owned.has(topicId) || target?.has(topicId) === true);
  const isKept = kept.length === names.size;
  const next = isKept ? state : { ...state, names: new Map(kept) };
  if (wanted.size === nameless.size && [...wanted].every((topicId) => nameless.has(topicId)))
    return same(next);
  return { state: { ...next, nameless: wanted }, effects: [{ type: "name topics", topicIds: wanted }] };
}

/**
 * Brings what is owned towards the target, one work of the host at a time: everything is given up before anything is
 * taken. What each work is about is looked up when it begins, since the target may have changed during the last one.
 */
function reconcile(state: MemberState): MemberStep {
  if (!isMember(state)) return same(state);
  const { target, owned, names, nameless, loss, works } = state;
  if (state.work !== null || loss !== null || target === null) return phased(state);
  const surplus = minus(owned, target);
  const number = works + 1;
  if (surplus.size > 0) {
    const work = { number, type: "revoke", partitions: surplus } as const;
    const effect: MemberEffect = { type: "revoke", work: number, partitions: named(surplus, names) };
    return phased({ ...state, works: number, work }, effect);
  }
  const missing = ofTopics(minus(target, owned), names);
  if (missing.size === 0 && (!state.isNews || nameless.size > 0)) return phased(state);
  if (missing.size > 0 && !isTargetSure(state)) return phased(state);
  const work = { number, type: "assign", partitions: missing } as const;
  const effect: MemberEffect = { type: "assign", work: number, partitions: named(missing, names) };
  // From here on it counts as owned: were it taken away meanwhile, the host would have to give it up first.
  const next = { ...state, works: number, work, owned: plus(owned, missing), isNews: nameless.size > 0 };
  return phased(next, effect);
}

/**
 * Whether what the target has beside what is owned is the member's still. A coordinator that hears that a partition
 * is not owned may give it to another member at once; whether it did comes with its next answer.
 */
function isTargetSure({ said, request }: MemberState): boolean {
  return said !== null && request?.tellsOwned !== true;
}

function phased(state: MemberState, ...effects: readonly MemberEffect[]): MemberStep {
  return { state: { ...state, phase: phaseOf(state) }, effects };
}

function phaseOf({ target, owned, acknowledged, owesOwned, work, isNews }: MemberState): MemberPhase {
  if (work !== null || isNews || (target !== null && !isSame(owned, target))) return "reconciling";
  return isSame(owned, acknowledged) && !owesOwned ? "stable" : "acknowledging";
}

/** Sends what is due. */
function send(state: MemberState, atMs: number): MemberStep {
  const dueMs = requestDueAtMs(state);
  if (dueMs === null || atMs < dueMs) return same(state);
  const { departure, requests, mayBeMember } = state;
  const said = toSay(state);
  const number = requests + 1;
  const kind = departure === null ? "heartbeat" : "leave";
  const heartbeat = departure === null ? heartbeatOf(state) : departureOf(state, departure);
  const request: PendingRequest = {
    number,
    kind,
    sentAtMs: atMs,
    said,
    tellsOwned: heartbeat.topicPartitions !== undefined,
    mayHaveBeenMember: mayBeMember,
  };
  const hasPattern = departure === null && said.subscription.pattern !== null;
  return {
    state: {
      ...state,
      requests: number,
      request,
      mayBeMember: true,
      mayHavePattern: state.mayHavePattern || hasPattern,
    },
    effects: [{ type: "send", request: number, kind, heartbeat }],
  };
}

function named(partitions: PartitionSet, names: ReadonlyMap<Uuid, string>): NamedPartition[] {
  return listOf(partitions).flatMap(({ topicId, partitions: numbers }) => {
    const topic = names.get(topicId);
    return topic === undefined ? [] : numbers.map((partition) => ({ topic, partition }));
  });
}
