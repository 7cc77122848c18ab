/** What the configuration of a topic says to its logs. */
export interface LogSettings {
  readonly minInsyncReplicas: number;
  readonly maxMessageBytes: number;
  readonly timestampType: "CreateTime" | "LogAppendTime";
  readonly timestampBeforeMaxMs: number;
  readonly timestampAfterMaxMs: number;
  /** Whether `cleanup.policy` has `compact`. */
  readonly isCompacted: boolean;
  /** Whether `cleanup.policy` has `delete`. */
  readonly isDeleted: boolean;
  /** -1 for ever. */
  readonly retentionMs: number;
  /** -1 for any number. */
  readonly retentionBytes: number;
  readonly segmentBytes: number;
  readonly segmentMs: number;
  readonly deleteRetentionMs: number;
  readonly minCompactionLagMs: number;
  readonly maxCompactionLagMs: number;
  readonly minCleanableDirtyRatio: number;
}
