/** Fetch sessions as a broker keeps them (KIP-227): what a request stands for, and what an answer may leave out. */

import type { Fetch } from "../../src/client/api.ts";
import type { Infer, InferInput } from "../../src/protocol/schema.ts";

type Request = Infer<typeof Fetch.request>;
type RequestTopic = Request["topics"][number];
type Response = InferInput<typeof Fetch.response>;
type Topics = NonNullable<Response["responses"]>;

interface Entry {
  readonly topic: string;
  readonly topicId: string;
  readonly partition: RequestTopic["partitions"][number];
  /** What the client was told last. */
  told: string;
}

interface Session {
  epoch: number;
  readonly entries: Map<string, Entry>;
}

/** What a request asks for. */
export interface ResolvedFetch {
  readonly topics: Request["topics"];
  /** Null for an answer that names every partition. */
  readonly session: Session | null;
  readonly sessionId: number;
}

const FETCH_SESSION_ID_NOT_FOUND = 70;
const INVALID_FETCH_SESSION_EPOCH = 71;

export class FakeFetchSessions {
  /** As `max.incremental.fetch.session.cache.slots`. */
  slots = 100;
  readonly #sessions = new Map<number, Session>();
  #nextId = 1;

  get count(): number {
    return this.#sessions.size;
  }

  /** As when a broker needs the room for others, or starts again. */
  forgetAll(): void {
    this.#sessions.clear();
  }

  /** What the request asks for, or the error that it comes to. */
  resolve(request: Request): ResolvedFetch | number {
    const { sessionId, sessionEpoch, topics } = request;
    if (sessionEpoch <= 0) {
      if (sessionId !== 0) this.#sessions.delete(sessionId);
      if (sessionEpoch < 0 || this.#sessions.size >= this.slots)
        return { topics, session: null, sessionId: 0 };
      const session: Session = { epoch: 1, entries: new Map() };
      const id = this.#nextId++;
      this.#sessions.set(id, session);
      this.#update(session, request);
      return { topics, session: null, sessionId: id };
    }
    const session = this.#sessions.get(sessionId);
    if (session === undefined) return FETCH_SESSION_ID_NOT_FOUND;
    if (session.epoch !== sessionEpoch) return INVALID_FETCH_SESSION_EPOCH;
    session.epoch++;
    this.#update(session, request);
    const wanted = [...session.entries.values()].map(({ topic, topicId, partition }) => ({
      topic,
      topicId,
      partitions: [partition],
    }));
    return { topics: wanted, session, sessionId };
  }

  /** What is left of the answer once the client's knowledge is taken out. */
  news({ session, sessionId }: ResolvedFetch, responses: Topics): Topics {
    const kept = this.#sessions.get(sessionId);
    return responses.flatMap((topic) => {
      const partitions = (topic.partitions ?? []).filter((data) => {
        const entry = kept?.entries.get(key(topic, data.partitionIndex as number));
        if (entry === undefined) return true;
        const offsets = `${data.highWatermark} ${data.lastStableOffset} ${data.logStartOffset}`;
        const records = data.records as Uint8Array | null | undefined;
        const isNews =
          (records?.byteLength ?? 0) > 0 ||
          (data.errorCode ?? 0) !== 0 ||
          (data.preferredReadReplica ?? -1) >= 0 ||
          (data.divergingEpoch?.endOffset ?? -1n) !== -1n ||
          entry.told !== offsets;
        entry.told = (data.errorCode ?? 0) === 0 ? offsets : "";
        return session === null || isNews;
      });
      return partitions.length === 0 ? [] : [{ ...topic, partitions }];
    });
  }

  #update({ entries }: Session, { topics, forgottenTopicsData }: Request): void {
    for (const { topic, topicId, partitions } of topics) {
      for (const partition of partitions) {
        const name = key({ topic, topicId }, partition.partition);
        entries.set(name, { topic, topicId, partition, told: entries.get(name)?.told ?? "" });
      }
    }
    for (const { topic, topicId, partitions } of forgottenTopicsData) {
      for (const partition of partitions) entries.delete(key({ topic, topicId }, partition));
    }
  }
}

function key(
  { topic, topicId }: { readonly topic?: string | undefined; readonly topicId?: string | undefined },
  partition: number,
): string {
  return `${topic || topicId} ${partition}`;
}
