/** A member of a group, of whatever client. What it sees it tells its `MemberLog`. */

export interface GroupMember {
  readonly name: string;
  /** Resolves once it has left in good order, with what it has read committed. */
  leave(): Promise<void>;
}

/** A member that lives in a process of its own, which can be killed. */
export interface KillableMember extends GroupMember {
  /** Resolves once the process is gone: it could neither commit nor leave. */
  kill(): Promise<void>;
}

/** What every client is to be told. */
export interface GroupMemberOptions {
  readonly bootstrapServers: readonly string[];
  readonly groupId: string;
  readonly topic: string;
  readonly groupProtocol: "classic" | "consumer";
  /** Kafka's name of the assignor: the member's with classic groups, and the broker's otherwise. */
  readonly assignor: string;
  /** With classic groups only. */
  readonly sessionTimeoutMs: number;
  readonly heartbeatIntervalMs: number;
  readonly autoCommitIntervalMs: number;
}
