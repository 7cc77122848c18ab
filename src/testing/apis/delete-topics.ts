/**
 * DeleteTopics, v1-6: deletes topics, each on its own, with their records.
 *
 * - v5: messages. v6: topic ids, one of name and id.
 * - A name or id that comes twice is refused (INVALID_REQUEST), and answered once.
 * - Up to 2.x the controller has to be asked itself (NOT_CONTROLLER).
 */

import { DeleteTopicsRequest, DeleteTopicsResponse } from "../../protocol/messages/delete-topics.ts";
import type { Infer, InferInput } from "../../protocol/schema.ts";
import { type Uuid, ZERO_UUID } from "../../protocol/uuid.ts";
import { type RequestContext, serve } from "../api.ts";
import { errorNumber, NONE, Refusal } from "../error-code.ts";
import { refuseUnlessController } from "../topics/controller.ts";
import type { Topic } from "../topics/topic-store.ts";

type Request = Infer<typeof DeleteTopicsRequest>;
type Answer = NonNullable<InferInput<typeof DeleteTopicsResponse>["responses"]>[number];

/** A topic by name, or by id where the name is null. */
interface Named {
  readonly name: string | null;
  readonly topicId: Uuid;
}

const FIRST_VERSION_WITH_QUOTA_ERRORS = 5;
const INVALID_REQUEST = errorNumber("INVALID_REQUEST");
const TOPIC_AUTHORIZATION_FAILED = errorNumber("TOPIC_AUTHORIZATION_FAILED");
const UNKNOWN_TOPIC_OR_PARTITION = errorNumber("UNKNOWN_TOPIC_OR_PARTITION");
const UNKNOWN_TOPIC_ID = errorNumber("UNKNOWN_TOPIC_ID");

export const DeleteTopics = serve({
  request: DeleteTopicsRequest,
  response: DeleteTopicsResponse,
  refuse: (request, errorCode, errorMessage) => ({
    responses: namedIn(request).map((topic) => ({ ...topic, errorCode, errorMessage })),
  }),
  handle: (request, context) => {
    refuseUnlessController(context);
    if (!context.cluster.configs.boolean("delete.topic.enable")) {
      throw new Refusal("TOPIC_DELETION_DISABLED", "Topic deletion is disabled.");
    }
    return { responses: responses(namedIn(request), context) };
  },
});

function namedIn({ topics, topicNames }: Request): Named[] {
  const byName = topicNames.map((name) => ({ name, topicId: ZERO_UUID }));
  return [...byName, ...topics.map(({ name, topicId }) => ({ name, topicId }))];
}

function responses(named: readonly Named[], context: RequestContext): Answer[] {
  const answers: Answer[] = [];
  const refused = (topic: Named, errorCode: number, errorMessage: string | null = null): void =>
    void answers.push({ ...topic, errorCode, errorMessage });
  const wanted = new Map<string, Named>();
  const twice = new Map<string, Named>();
  for (const topic of named) {
    const { name, topicId } = topic;
    if (name === null && topicId === ZERO_UUID) {
      refused(topic, INVALID_REQUEST, "Neither topic name nor id were specified.");
    } else if (name !== null && topicId !== ZERO_UUID) {
      refused(topic, INVALID_REQUEST, "You may not specify both topic name and topic id.");
    } else {
      const key = `${name ?? ""}/${topicId}`;
      (wanted.has(key) ? twice : wanted).set(key, topic);
    }
  }
  for (const [key, topic] of twice) {
    wanted.delete(key);
    refused(topic, INVALID_REQUEST, `Duplicate topic ${topic.name === null ? "id" : "name"}.`);
  }
  const found = new Map<Topic, Named>();
  for (const topic of wanted.values()) {
    const { topics } = context.cluster;
    const theirs = topic.name === null ? topics.byId(topic.topicId) : topics.get(topic.name);
    const name = theirs?.name ?? topic.name ?? "";
    const injected = context.injected({ topic: name });
    if (!context.allows("DELETE", "TOPIC", name)) refused(topic, TOPIC_AUTHORIZATION_FAILED);
    else if (injected !== NONE) refused(topic, injected);
    else if (theirs === undefined) {
      refused(topic, topic.name === null ? UNKNOWN_TOPIC_ID : UNKNOWN_TOPIC_OR_PARTITION);
    } else if (found.has(theirs)) {
      found.delete(theirs);
      refused(topic, INVALID_REQUEST, "The provided topic name maps to an ID that was already supplied.");
    } else found.set(theirs, topic);
  }
  for (const [topic, asked] of found) {
    try {
      const isStrict = context.version >= FIRST_VERSION_WITH_QUOTA_ERRORS;
      context.quotas.mutate(() => topic.partitions.length, isStrict);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      refused(asked, error.errorCode, error.message);
      continue;
    }
    context.cluster.topicManager.delete(topic);
    answers.push({ name: topic.name, topicId: topic.topicId, errorCode: NONE, errorMessage: null });
  }
  return answers;
}
