/**
 * Produce, v3-13: appends one record batch to each partition.
 *
 * - v7: zstd. v8: which records were at fault (KIP-467). v10: who leads now, where this broker does not (KIP-951).
 * - A batch of a transaction is appended only where that knows of the partition (KIP-890, from 3.6 on); v11:
 *   TRANSACTION_ABORTABLE where it does not. v12: it takes part from the first batch on. v13: topic ids, not names.
 * - acks=0: nothing is answered, and the connection is closed if anything went wrong.
 * - acks=all: NOT_ENOUGH_REPLICAS while fewer replicas than `min.insync.replicas` are in sync; else the answer waits for
 *   those in sync, at most for `timeoutMs` (REQUEST_TIMED_OUT).
 *
 * Differs from Kafka: v0-2 are not served; batches are kept as they came, whatever the topic's `compression.type` says.
 */

import { ProduceRequest, ProduceResponse } from "../../protocol/messages/produce.ts";
import type { RecordBatch } from "../../protocol/records/record-batch.ts";
import type { Infer, InferInput } from "../../protocol/schema.ts";
import { type Answer, HANG_UP, NO_ANSWER, type RequestContext, serve } from "../api.ts";
import { errorNumber, NONE, Refusal } from "../error-code.ts";
import { RecordsRefusal, soleBatch } from "../log/check-batch.ts";
import { leaderHint, nodeEndpoints } from "../topics/leader-hints.ts";
import type { Partition } from "../topics/partition.ts";
import { checkVerified } from "../transactions/partition-verification.ts";

type Request = Infer<typeof ProduceRequest>;
type TopicData = Request["topicData"][number];
type PartitionData = TopicData["partitionData"][number];
type Response = InferInput<typeof ProduceResponse>;
type PartitionAnswer = NonNullable<
  NonNullable<NonNullable<Response["responses"]>[number]["partitionResponses"]>[number]
>;

/** What became of one partition of the request. */
interface Outcome {
  readonly topic: TopicData;
  readonly answer: PartitionAnswer & { readonly errorCode: number };
  /** Null where nothing was appended. */
  readonly appended: {
    readonly partition: Partition;
    readonly leaderEpoch: number;
    readonly end: bigint;
  } | null;
}

const INVALID_REQUIRED_ACKS = errorNumber("INVALID_REQUIRED_ACKS");
const NOT_LEADER_OR_FOLLOWER = errorNumber("NOT_LEADER_OR_FOLLOWER");
const NOT_ENOUGH_REPLICAS_AFTER_APPEND = errorNumber("NOT_ENOUGH_REPLICAS_AFTER_APPEND");
const REQUEST_TIMED_OUT = errorNumber("REQUEST_TIMED_OUT");
const TOPIC_AUTHORIZATION_FAILED = errorNumber("TOPIC_AUTHORIZATION_FAILED");
const INVALID_TOPIC_EXCEPTION = errorNumber("INVALID_TOPIC_EXCEPTION");
const UNKNOWN_TOPIC_OR_PARTITION = errorNumber("UNKNOWN_TOPIC_OR_PARTITION");

/** Refusals of the log with which Kafka does not tell where that begins. */
const WITHOUT_START = ["MESSAGE_TOO_LARGE", "CORRUPT_MESSAGE"].map(errorNumber);

const FIRST_VERSION_WITH_IDS = 13;
const FIRST_VERSION_WITH_HINTS = 10;
const ALL = -1;
/** The one client of Kafka that may write to internal topics. */
const ADMIN_CLIENT_ID = "__admin_client";

export const Produce = serve({
  request: ProduceRequest,
  response: ProduceResponse,
  refuse: (request, errorCode, message) =>
    request.acks === 0 ? HANG_UP : respond(refusedParts(request, errorCode, message)),
  handle: (request, context): Answer<Response> => {
    const { acks, timeoutMs } = request;
    if (!mayWrite(request, context)) {
      throw new Refusal("TRANSACTIONAL_ID_AUTHORIZATION_FAILED", "Transactional Id authorization failed.");
    }
    const outcomes = request.topicData.flatMap((topic) =>
      topic.partitionData.map((data) => produceTo(topic, data, request, context)),
    );
    if (acks === 0) {
      return outcomes.some(({ answer }) => answer.errorCode !== NONE) ? HANG_UP : NO_ANSWER;
    }
    if (acks !== ALL) return respond(outcomes, context);
    const waiting = outcomes.flatMap(({ appended }) => (appended === null ? [] : [appended.partition]));
    return context.cluster.waits.until({
      on: waiting,
      timeoutMs,
      attempt: () => replicated(outcomes, context),
      expire: () =>
        respond(
          outcomes.map((outcome) => settled(outcome, context) ?? timedOut(outcome)),
          context,
        ),
    });
  },
});

/** Whether the client may write in a transaction, where it does. */
function mayWrite({ transactionalId, topicData }: Request, context: RequestContext): boolean {
  if (transactionalId !== null) return context.allows("WRITE", "TRANSACTIONAL_ID", transactionalId);
  return !topicData.some(({ partitionData }) =>
    partitionData.some(({ records }) => isTransactional(records)),
  );
}

function isTransactional(records: Uint8Array | null): boolean {
  // The low byte of the attributes, in the header of a batch of magic 2.
  return (
    records !== null && records.byteLength > 22 && records[16] === 2 && ((records[22] as number) & 0x10) !== 0
  );
}

function produceTo(
  topic: TopicData,
  data: PartitionData,
  request: Request,
  context: RequestContext,
): Outcome {
  const refused = (errorCode: number, message: string | null = null, more: object = {}): Outcome => ({
    topic,
    answer: { ...none(data.index, errorCode, message), ...more },
    appended: null,
  });
  const { cluster, broker, version } = context;
  const partition = cluster.topics.find(
    topic.name,
    topic.topicId,
    version >= FIRST_VERSION_WITH_IDS,
    data.index,
  );
  const name = typeof partition === "number" ? topic.name : partition.topicName;
  if (!context.allows("WRITE", "TOPIC", name)) return refused(TOPIC_AUTHORIZATION_FAILED);
  const injected = context.injected({ topic: name, partition: data.index });
  if (injected !== NONE) return refused(injected);
  if (typeof partition === "number") return refused(partition);
  try {
    const batch = soleBatch(data.records, version);
    if (request.acks !== 0 && request.acks !== 1 && request.acks !== ALL)
      return refused(INVALID_REQUIRED_ACKS);
    if (cluster.topics.get(name)?.isInternal === true && context.clientId !== ADMIN_CLIENT_ID) {
      return refused(INVALID_TOPIC_EXCEPTION, `Cannot append to internal topic ${name}`);
    }
    if (partition.leader !== broker.id) {
      const hint = version >= FIRST_VERSION_WITH_HINTS ? { currentLeader: leaderHint(partition) } : {};
      return refused(NOT_LEADER_OR_FOLLOWER, null, hint);
    }
    checkVerified(partition, request.transactionalId, batch, context);
    try {
      return appendTo(partition, batch, topic, request.acks, context);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const recordErrors = error instanceof RecordsRefusal ? [...error.recordErrors] : [];
      const logStartOffset = WITHOUT_START.includes(error.errorCode) ? -1n : partition.log.startOffset;
      return refused(error.errorCode, error.message, { recordErrors, logStartOffset });
    }
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return refused(error.errorCode, error.message);
  }
}

function appendTo(
  partition: Partition,
  batch: RecordBatch,
  topic: TopicData,
  acks: number,
  { cluster }: RequestContext,
): Outcome {
  const { topicName, index, isr } = partition;
  const settings = cluster.logSettings(topicName);
  const least = settings.minInsyncReplicas;
  if (acks === ALL && isr.length < least) {
    throw new Refusal(
      "NOT_ENOUGH_REPLICAS",
      `The size of the current ISR : ${isr.length} is insufficient to satisfy the min.isr requirement of ${least} for ` +
        `partition ${topicName}-${index}`,
    );
  }
  const appended = partition.append(batch, {
    origin: "client",
    settings,
    nowMs: cluster.clock.wallMs(),
  });
  cluster.waits.wake(partition);
  const answer = {
    index,
    errorCode: NONE,
    baseOffset: appended.baseOffset,
    logAppendTimeMs: BigInt(appended.logAppendTimeMs),
    logStartOffset: partition.log.startOffset,
  };
  const end = appended.lastOffset + 1n;
  return { topic, answer, appended: { partition, leaderEpoch: partition.leaderEpoch, end } };
}

/** The answer once all replicas in sync have everything; null until then. */
function replicated(outcomes: readonly Outcome[], context: RequestContext): Response | null {
  const settledOnes: Outcome[] = [];
  for (const outcome of outcomes) {
    const done = settled(outcome, context);
    if (done === null) return null;
    settledOnes.push(done);
  }
  return respond(settledOnes, context);
}

/** How it has ended; null while replicas are still to follow. */
function settled(outcome: Outcome, { cluster, broker }: RequestContext): Outcome | null {
  const { appended, answer } = outcome;
  if (appended === null) return outcome;
  const { partition, leaderEpoch, end } = appended;
  const failed = (errorCode: number): Outcome => ({
    ...outcome,
    answer: none(answer.index ?? 0, errorCode, null),
    appended: null,
  });
  if (cluster.topics.partition(partition.topicName, partition.index) !== partition) {
    return failed(UNKNOWN_TOPIC_OR_PARTITION);
  }
  if (partition.leader !== broker.id || partition.leaderEpoch !== leaderEpoch) {
    return failed(NOT_LEADER_OR_FOLLOWER);
  }
  if (partition.highWatermark < end) return null;
  const least = cluster.logSettings(partition.topicName).minInsyncReplicas;
  return partition.isr.length < least ? failed(NOT_ENOUGH_REPLICAS_AFTER_APPEND) : outcome;
}

function timedOut(outcome: Outcome): Outcome {
  return { ...outcome, answer: { ...outcome.answer, errorCode: REQUEST_TIMED_OUT } };
}

function refusedParts({ topicData }: Request, errorCode: number, message: string | null): Outcome[] {
  return topicData.flatMap((topic) =>
    topic.partitionData.map(({ index }) => ({
      topic,
      answer: none(index, errorCode, message),
      appended: null,
    })),
  );
}

function none(
  index: number,
  errorCode: number,
  errorMessage: string | null,
): PartitionAnswer & { readonly errorCode: number } {
  return { index, errorCode, errorMessage, baseOffset: -1n, logAppendTimeMs: -1n, logStartOffset: -1n };
}

function respond(outcomes: readonly Outcome[], context: RequestContext | null = null): Response {
  const byTopic = new Map<TopicData, PartitionAnswer[]>();
  let isElsewhere = false;
  for (const { topic, answer } of outcomes) {
    const answers = byTopic.get(topic);
    if (answers === undefined) byTopic.set(topic, [answer]);
    else answers.push(answer);
    if (answer.errorCode === NOT_LEADER_OR_FOLLOWER) isElsewhere = true;
  }
  const responses = Array.from(byTopic, ([{ name, topicId }, partitionResponses]) => ({
    name,
    topicId,
    partitionResponses,
  }));
  if (!isElsewhere || context === null || context.version < FIRST_VERSION_WITH_HINTS) return { responses };
  const hints = outcomes.map(({ answer }) => answer.currentLeader);
  return { responses, nodeEndpoints: nodeEndpoints(context.cluster, hints) };
}
