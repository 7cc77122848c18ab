/** What the admin client does not do yet, asked of brokers by the client's inside. */

import type { Api } from "../../src/client/api.ts";
import {
  CreatePartitionsRequest,
  CreatePartitionsResponse,
} from "../../src/protocol/messages/create-partitions.ts";
import { DeleteRecordsRequest, DeleteRecordsResponse } from "../../src/protocol/messages/delete-records.ts";
import type { Fields, MessageSchema } from "../../src/protocol/schema.ts";
import { withInternals } from "./internals.ts";

const TIMEOUT_MS = 10_000;

/** Makes the topic have so many partitions altogether. */
export function createPartitions(
  bootstrapServers: readonly string[],
  topic: string,
  count: number,
): Promise<void> {
  return withInternals(bootstrapServers, async ({ internals, deadline }) => {
    await internals.topic(topic, { deadline });
    const CreatePartitions = api(CreatePartitionsRequest, CreatePartitionsResponse);
    const value = { topics: [{ name: topic, count, assignments: null }], timeoutMs: TIMEOUT_MS };
    const { response } = await internals.requestAny(CreatePartitions, value, { timeoutMs: TIMEOUT_MS });
    for (const { errorCode, errorMessage } of response.results) {
      if (errorCode !== 0) throw new Error(`CreatePartitions: error ${errorCode}: ${errorMessage}`);
    }
  });
}

/** Deletes all records that a partition has. */
export function deleteRecords(
  bootstrapServers: readonly string[],
  topic: string,
  partition: number,
): Promise<void> {
  return withInternals(bootstrapServers, async ({ internals, deadline }) => {
    await internals.topic(topic, { deadline });
    const leader = internals.leaderOf(topic, partition);
    if (leader === undefined) throw new Error(`${topic}-${partition} has no leader`);
    const DeleteRecords = api(DeleteRecordsRequest, DeleteRecordsResponse);
    const partitions = [{ partitionIndex: partition, offset: -1n }];
    const value = { topics: [{ name: topic, partitions }], timeoutMs: TIMEOUT_MS };
    const { response } = await internals.request(leader, DeleteRecords, value, { timeoutMs: TIMEOUT_MS });
    for (const { errorCode } of response.topics.flatMap((each) => each.partitions)) {
      if (errorCode !== 0) throw new Error(`DeleteRecords: error ${errorCode}`);
    }
  });
}

function api<Request extends Fields, Response extends Fields>(
  request: MessageSchema<Request>,
  response: MessageSchema<Response>,
): Api<Request, Response> {
  return { apiKey: request.apiKey as number, request, response };
}
