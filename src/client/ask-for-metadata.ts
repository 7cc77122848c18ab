/** Gets metadata from whichever broker answers first. */

import type { Platform, Timer } from "../platform/platform.ts";
import { KafkaError } from "../protocol/errors.ts";
import type { MetadataResponse } from "../protocol/messages/metadata.ts";
import type { Uuid } from "../protocol/uuid.ts";
import { Metadata } from "./api.ts";
import type { Broker } from "./broker.ts";
import { AuthenticationError, BrokerError, ClosedError, isRetriable } from "./errors.ts";

/** How metadata is asked for. */
export interface AskOptions {
  readonly platform: Platform;
  readonly requestTimeoutMs: number;
  /** Whether asking for a topic may make the broker create it. */
  readonly allowAutoCreateTopics: boolean;
}

/** Topics that have to be described: a request cannot ask for some by name and for others by id. */
export interface WantedTopics {
  readonly by: "name" | "id";
  readonly topics: readonly string[];
}

/** After so long without an answer another broker is asked, beside the first. */
const SILENCE_MS = 1000;

/** Topics can be asked for by id from here on. */
const FIRST_VERSION_BY_ID = 12;

/**
 * Leader epochs are told from version 7 on, but brokers before Kafka 2.4 tell old ones while partitions are
 * reassigned (KAFKA-9212): whoever believed them would be fenced by the leader. They have no topic ids either, by which
 * epochs that begin anew could be told.
 */
const FIRST_VERSION_WITH_SOUND_EPOCHS = 9;

/**
 * Asks one broker after another until one answers. One that is silent is left behind after a moment, without
 * giving it up: the first answer counts, whoever gives it.
 *
 * @throws of all failures the one that tells most.
 */
export async function askForMetadata(
  brokers: readonly Broker[],
  wanted: WantedTopics,
  options: AskOptions,
  isClosed: () => boolean,
): Promise<MetadataResponse> {
  return askInTurn(brokers, (broker) => describe(broker, wanted, options), options.platform, isClosed);
}

/**
 * Asks one broker after another until one answers, the next one at the latest when those before have been silent for a
 * moment. For questions that do no harm when they are asked twice.
 *
 * @throws of all failures the one that tells most.
 */
export async function askInTurn<T>(
  brokers: readonly Broker[],
  ask: (broker: Broker) => Promise<T>,
  platform: Platform,
  isClosed: () => boolean,
): Promise<T> {
  const asked: Promise<T>[] = [];
  for (const broker of brokers) {
    if (isClosed()) break;
    asked.push(ask(broker));
    const response = await firstAnswer(asked, platform);
    if (response !== null) return response;
  }
  if (isClosed()) throw new ClosedError("client");
  try {
    return await Promise.any(asked);
  } catch (error) {
    throw error instanceof AggregateError ? mostTelling(error.errors) : error;
  }
}

/** The first answer of those who were asked; null when none came for a while or all of them have failed. */
async function firstAnswer<T>(asked: readonly Promise<T>[], { clock }: Platform): Promise<T | null> {
  let timer: Timer | undefined;
  const patience = new Promise<null>((resolve) => {
    timer = clock.setTimer(SILENCE_MS, () => resolve(null));
  });
  try {
    return await Promise.race([Promise.any(asked), patience]);
  } catch (error) {
    if (error instanceof AggregateError) return null;
    throw error;
  } finally {
    timer?.cancel();
  }
}

async function describe(
  broker: Broker,
  { by, topics }: WantedTopics,
  { requestTimeoutMs, allowAutoCreateTopics }: AskOptions,
): Promise<MetadataResponse> {
  const { response, version } = await broker.request(
    Metadata,
    (usable) => {
      if (by === "name" || usable >= FIRST_VERSION_BY_ID) {
        return {
          topics: topics.map((topic) =>
            by === "name" ? { name: topic } : { name: null, topicId: topic as Uuid },
          ),
          allowAutoTopicCreation: allowAutoCreateTopics,
        };
      }
      const message = `Broker ${broker.name} cannot tell a topic by its id: use brokers of Kafka 3.1 or later`;
      throw new KafkaError("UNSUPPORTED_VERSION", message);
    },
    { timeoutMs: requestTimeoutMs },
  );
  if (response.errorCode !== 0) {
    throw new BrokerError(response.errorCode, {
      broker: broker.name,
      apiKey: Metadata.apiKey,
      apiVersion: version,
    });
  }
  if (response.brokers.length > 0) {
    return version < FIRST_VERSION_WITH_SOUND_EPOCHS ? withoutLeaderEpochs(response) : response;
  }
  const message = `${broker.name} does not know the brokers of its cluster yet: it may be starting`;
  throw new KafkaError("BROKER_NOT_AVAILABLE", message, { retriable: true });
}

function withoutLeaderEpochs(response: MetadataResponse): MetadataResponse {
  const topics = response.topics.map((topic) => ({
    ...topic,
    partitions: topic.partitions.map((partition) => ({ ...partition, leaderEpoch: -1 })),
  }));
  return { ...response, topics };
}

/**
 * Of several brokers' failures the one that can go away: while there is such a one, waiting can help. But who is
 * refused by one broker will be by all, and who is sent back to the start has to know.
 */
function mostTelling(failures: readonly unknown[]): unknown {
  const refusal = failures.find((error) => error instanceof AuthenticationError && !error.retriable);
  return refusal ?? failures.find(isRebootstrap) ?? failures.find(isRetriable) ?? failures.at(-1);
}

/** Whether a broker says that it is none of the cluster any more (KIP-1102). */
export function isRebootstrap(error: unknown): error is BrokerError {
  return error instanceof BrokerError && error.code === "REBOOTSTRAP_REQUIRED";
}
