/**
 * Fetch, v4-18: record batches from offsets on, as they are in the log.
 *
 * - The answer waits until there are `minBytes`, at most `maxWaitMs`; an error, or a log that diverged, is told at once.
 * - `maxBytes` limits the whole; the first batch of the first partition that has one is given however large it is.
 * - v7: sessions (KIP-227). v9: leader epochs (KIP-320). v11: a follower may be asked, and a rack be named (KIP-392).
 * - v12: where the client's log diverges. v13: topic ids. v16: who leads now (KIP-951).
 * - What is too much for the client's quota is not given: the answer is empty, and the client waits.
 * - Isolation level 1 gives nothing behind the last stable offset, and says which transactions were aborted.
 *
 * Differs from Kafka: a quota counts the bytes of records alone; requests of followers (`replicaId`) are served as those of consumers; aborted transactions are
 * told of the batches that are in the answer, and of no later ones.
 */

import { FetchRequest, FetchResponse } from "../../protocol/messages/fetch.ts";
import type { Infer, InferInput } from "../../protocol/schema.ts";
import { type Answer, type RequestContext, serve } from "../api.ts";
import { NONE } from "../error-code.ts";
import type { FetchContext, PartitionToFetch } from "../fetch/fetch-sessions.ts";
import { type Found, findToFetch, type ReadPart, readPartition } from "../fetch/read-partition.ts";
import { nodeEndpoints } from "../topics/leader-hints.ts";

type Request = Infer<typeof FetchRequest>;
type Response = InferInput<typeof FetchResponse>;
type TopicAnswer = NonNullable<Response["responses"]>[number];

/** A partition of the request with what became of it. */
interface Part extends ReadPart {
  readonly asked: PartitionToFetch;
  readonly topic: string | null;
}

const FIRST_VERSION_WITH_SESSIONS = 7;
const FIRST_VERSION_WITH_IDS = 13;
const FIRST_VERSION_WITH_ENDPOINTS = 16;
const NO_SESSION_EPOCH = -1;

export const Fetch = serve({
  request: FetchRequest,
  response: FetchResponse,
  refuse: (_request, errorCode) => ({ errorCode }),
  handle: (request, context): Answer<Response> => {
    const session = openSession(request, context);
    if (session.errorCode !== NONE) return { errorCode: session.errorCode };
    const found = session.partitions.map((asked) => findToFetch(asked, context));
    let parts: readonly Part[] = [];
    return context.cluster.waits.until({
      on: found.map(({ partition }) => partition).filter((partition) => typeof partition !== "number"),
      timeoutMs: request.maxWaitMs,
      attempt: () => {
        parts = readAll(request, found, context);
        return isEnough(request, parts) ? respond(session, parts, context) : null;
      },
      expire: () => respond(session, parts, context),
    });
  },
});

function openSession(request: Request, { cluster, broker, version }: RequestContext): FetchContext {
  const toFetch: PartitionToFetch[] = [];
  for (const { topic, topicId, partitions } of request.topics) {
    for (const partition of partitions) {
      toFetch.push({ ...partition, topic: version >= FIRST_VERSION_WITH_IDS ? null : topic, topicId });
    }
  }
  const toForget = request.forgottenTopicsData.flatMap(({ topic, topicId, partitions }) =>
    partitions.map((partition) => ({
      topic: version >= FIRST_VERSION_WITH_IDS ? null : topic,
      topicId,
      partition,
    })),
  );
  const hasSessions = version >= FIRST_VERSION_WITH_SESSIONS;
  return broker.fetchSessions.open({
    version,
    sessionId: hasSessions ? request.sessionId : 0,
    sessionEpoch: hasSessions ? request.sessionEpoch : NO_SESSION_EPOCH,
    toFetch,
    toForget,
    nowMs: cluster.clock.monotonicMs(),
  });
}

function readAll(request: Request, found: readonly Found[], context: RequestContext): Part[] {
  const { configs } = context.cluster;
  let left = Math.min(request.maxBytes, configs.number("fetch.max.bytes"), context.quotas.mostFetchBytes);
  let atLeastOne = true;
  return found.map(({ asked, partition, topic }) => {
    const maxBytes = Math.min(asked.partitionMaxBytes, left);
    const part = readPartition(asked, partition, {
      maxBytes,
      atLeastOne,
      isCommitted: request.isolationLevel === 1,
      rackId: request.rackId,
      context,
    });
    const size = part.records.byteLength;
    if (size > 0) atLeastOne = false;
    left = Math.max(left - size, 0);
    return { ...part, asked, topic };
  });
}

function isEnough({ minBytes }: Request, parts: readonly Part[]): boolean {
  let size = 0;
  for (const { errorCode, records, divergingEpoch, preferredReadReplica } of parts) {
    if (errorCode !== NONE || divergingEpoch !== null || preferredReadReplica >= 0) return true;
    size += records.byteLength;
  }
  return parts.length === 0 || size >= minBytes;
}

function respond(session: FetchContext, parts: readonly Part[], context: RequestContext): Response {
  const bytes = parts.reduce((sum, { records }) => sum + records.byteLength, 0);
  // The session is left as it was: it comes to nothing that the client has not been given.
  if (context.quotas.isTooMuchToFetch(bytes)) return { sessionId: session.sessionId };
  const responses: { topic: string; topicId: string; partitions: object[] }[] = [];
  for (const part of parts) {
    const { asked, highWatermark, logStartOffset, errorCode, records, preferredReadReplica } = part;
    const hasRecords = records.byteLength > 0;
    const isDiverging = part.divergingEpoch !== null;
    const told = { errorCode, highWatermark, logStartOffset, hasRecords, isDiverging, preferredReadReplica };
    if (!session.isTold(asked, told)) continue;
    const last = responses.at(-1);
    const topic = part.topic ?? "";
    const partition = partitionAnswer(part, context);
    if (last !== undefined && last.topic === topic && last.topicId === asked.topicId) {
      last.partitions.push(partition);
    } else responses.push({ topic, topicId: asked.topicId, partitions: [partition] });
  }
  const { sessionId, errorCode } = session.close();
  if (errorCode !== NONE) return { errorCode, sessionId };
  if (context.version < FIRST_VERSION_WITH_ENDPOINTS) return { sessionId, responses };
  const hints = nodeEndpoints(
    context.cluster,
    parts.map(({ currentLeader }) => currentLeader ?? undefined),
  );
  return { sessionId, responses, nodeEndpoints: hints };
}

function partitionAnswer(
  part: Part,
  { version }: RequestContext,
): NonNullable<TopicAnswer["partitions"]>[number] {
  const { asked, currentLeader, divergingEpoch } = part;
  return {
    partitionIndex: asked.partition,
    errorCode: part.errorCode,
    highWatermark: part.highWatermark,
    lastStableOffset: part.lastStableOffset,
    logStartOffset: part.logStartOffset,
    abortedTransactions: part.abortedTransactions,
    preferredReadReplica: part.preferredReadReplica,
    records: part.records,
    ...(divergingEpoch === null ? {} : { divergingEpoch }),
    ...(currentLeader === null || version < FIRST_VERSION_WITH_ENDPOINTS ? {} : { currentLeader }),
  };
}
