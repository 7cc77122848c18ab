/** A classic group while one event changes it: a copy of its state, and what comes of the event so far. */

import { NONE } from "../../error-code.ts";
import type { ClassicEffect, ClassicSettings, JoinAnswer, SyncAnswer, TimerKey } from "./classic-events.ts";
import {
  type ClassicMember,
  type ClassicPhase,
  type ClassicState,
  type InitialRebalance,
  metadataOf,
} from "./classic-state.ts";

export class ClassicDraft implements ClassicState {
  readonly settings: ClassicSettings;
  readonly groupId: string;
  phase: ClassicPhase;
  sinceMs: number | null;
  generationId: number;
  protocolType: string | null;
  protocolName: string | null;
  leader: string | null;
  readonly members: Map<string, ClassicMember>;
  readonly pendingJoins: Set<string>;
  readonly pendingSyncs: Set<string>;
  initial: InitialRebalance | null;
  subscribedTopics: ReadonlySet<string> | null;
  readonly effects: ClassicEffect[] = [];

  constructor(state: ClassicState, settings: ClassicSettings) {
    this.settings = settings;
    this.groupId = state.groupId;
    this.phase = state.phase;
    this.sinceMs = state.sinceMs;
    this.generationId = state.generationId;
    this.protocolType = state.protocolType;
    this.protocolName = state.protocolName;
    this.leader = state.leader;
    this.members = new Map(state.members);
    this.pendingJoins = new Set(state.pendingJoins);
    this.pendingSyncs = new Set(state.pendingSyncs);
    this.initial = state.initial;
    this.subscribedTopics = state.subscribedTopics;
  }

  /** The state that has come of it. */
  finish(): ClassicState {
    const { settings: _settings, effects: _effects, ...state } = this;
    return state;
  }

  enter(phase: ClassicPhase): void {
    this.phase = phase;
    this.sinceMs = this.settings.nowMs;
  }

  start(timer: TimerKey, afterMs: number): void {
    this.effects.push({ type: "start", timer, afterMs });
  }

  stop(timer: TimerKey): void {
    this.effects.push({ type: "stop", timer });
  }

  write(): void {
    this.effects.push({ type: "write" });
  }

  /** Changes a member. */
  change(memberId: string, changes: Partial<ClassicMember>): void {
    const member = this.members.get(memberId);
    if (member !== undefined) this.members.set(memberId, { ...member, ...changes });
  }

  /** Counts the session of a member from now. */
  renewSession(memberId: string): void {
    const member = this.members.get(memberId);
    if (member !== undefined) this.start(`session ${memberId}`, member.sessionTimeoutMs);
  }

  /** Takes a member out, or an id that was given out; what it waits for is answered with the error. */
  remove(memberId: string, errorCode: number): void {
    this.answerJoin(memberId, { errorCode, memberId: "" });
    this.answerSync(memberId, { errorCode });
    this.stop(`session ${memberId}`);
    this.members.delete(memberId);
    this.pendingJoins.delete(memberId);
    this.pendingSyncs.delete(memberId);
    if (this.leader === memberId) this.leader = this.members.keys().next().value ?? null;
  }

  /** Answers the JoinGroup of a member, if one waits. */
  answerJoin(memberId: string, answer: JoinAnswer): void {
    const ticket = this.members.get(memberId)?.joining ?? null;
    if (ticket === null) return;
    this.change(memberId, { joining: null });
    this.effects.push({ type: "joined", ticket, answer });
  }

  /** Answers the SyncGroup of a member, if one waits. */
  answerSync(memberId: string, answer: SyncAnswer): boolean {
    const ticket = this.members.get(memberId)?.syncing ?? null;
    if (ticket === null) return false;
    this.change(memberId, { syncing: null });
    this.effects.push({ type: "synced", ticket, answer });
    return true;
  }

  /** What a member is told of the generation; its leader also of all members, unless that is left out. */
  generationFor(memberId: string, withMembers = this.leader === memberId): JoinAnswer {
    const { generationId, protocolType, protocolName, leader, members } = this;
    const all = Array.from(members.values(), (member) => ({
      memberId: member.memberId,
      groupInstanceId: member.groupInstanceId,
      metadata: metadataOf(member, protocolName),
    }));
    return {
      errorCode: NONE,
      memberId,
      generationId,
      protocolType,
      protocolName,
      leader: leader ?? "",
      skipAssignment: false,
      members: withMembers ? all : [],
    };
  }
}
