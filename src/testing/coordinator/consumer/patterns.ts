/**
 * Subscriptions by pattern: the coordinator looks at the names of all topics, for all patterns of a group at once, and
 * at most every ten seconds. The heartbeat that brings a pattern does not wait for that.
 */

import type { ResolvedPattern } from "./group-change.ts";
import type { Member } from "./member.ts";
import { compilePattern } from "./re2.ts";
import type { Transition } from "./transition.ts";

const REFRESH_AT_MOST_EVERY_MS = 10_000;

/** `resolved` where what the member is to read is known already. */
export type PatternChange = "same" | "changed" | "resolved";

/**
 * Notices that a member subscribes with another pattern.
 *
 * @param counts how many members subscribed with each pattern before
 */
export function patternChanged(
  transition: Transition,
  before: Member,
  after: Member,
  counts: ReadonlyMap<string, number>,
): PatternChange {
  const { pattern: old } = before;
  const { pattern } = after;
  if (old === pattern) return "same";
  if (old && counts.get(old) === 1) forget(transition, old);
  if (!pattern) return old ? "resolved" : "changed";
  return counts.has(pattern) && transition.state.patterns.has(pattern) ? "resolved" : "changed";
}

/** Forgets what patterns matched that nobody subscribes with any more. */
export function forgetUnused(transition: Transition): void {
  const used = transition.state.patternCounts();
  for (const pattern of [...transition.state.patterns.keys()]) {
    if (!used.has(pattern)) forget(transition, pattern);
  }
}

function forget(transition: Transition, pattern: string): void {
  if (!transition.state.patterns.has(pattern)) return;
  transition.make({ type: "pattern", pattern, resolved: null });
}

/** Looks at all topics, if there is a reason to and it was not done just now. */
export function refreshPatterns(transition: Transition): void {
  const { state, surroundings, settings } = transition;
  const patterns = [...state.patternCounts().keys()];
  if (patterns.length === 0) return;
  const { nowMs, topicsVersion } = surroundings;
  const [last] = state.patterns.values();
  const lastMs = last?.timestampMs ?? Number.NEGATIVE_INFINITY;
  if (nowMs <= lastMs + REFRESH_AT_MOST_EVERY_MS) return;
  const isDue =
    patterns.length !== state.patterns.size ||
    (last?.version ?? 0) < topicsVersion ||
    nowMs > lastMs + settings.patternRefreshMs;
  if (!isDue) return;
  let haveTopicsChanged = false;
  for (const pattern of patterns) {
    const before = state.patterns.get(pattern)?.topics ?? [];
    const resolved = resolve(transition, pattern);
    if (before.join() !== resolved.topics.join()) haveTopicsChanged = true;
    transition.make({ type: "pattern", pattern, resolved });
  }
  const metadataHash = transition.metadataHash();
  if (haveTopicsChanged || metadataHash !== state.metadataHash) transition.raiseEpoch(metadataHash);
}

function resolve({ surroundings }: Transition, pattern: string): ResolvedPattern {
  const { nowMs, topics, topicsVersion } = surroundings;
  const matches = compilePattern(pattern);
  const names = [...topics.names].filter((name) => matches(name) && surroundings.mayDescribe(name)).sort();
  return { topics: names, version: topicsVersion, timestampMs: nowMs };
}
