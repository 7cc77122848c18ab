/**
 * OffsetForLeaderEpoch, v2-4: where a leader epoch ends, by which a consumer finds out whether the log was cut off in
 * front of its position (KIP-320).
 *
 * An epoch that nothing is known of is answered with epoch -1 and offset -1, without an error.
 */

import {
  OffsetForLeaderEpochRequest,
  OffsetForLeaderEpochResponse,
} from "../../protocol/messages/offset-for-leader-epoch.ts";
import { serve } from "../api.ts";
import { errorNumber, NONE } from "../error-code.ts";
import { leaderEpochRefusal } from "../topics/leader-epoch-check.ts";

const UNKNOWN_TOPIC_OR_PARTITION = errorNumber("UNKNOWN_TOPIC_OR_PARTITION");
const NOT_LEADER_OR_FOLLOWER = errorNumber("NOT_LEADER_OR_FOLLOWER");
const TOPIC_AUTHORIZATION_FAILED = errorNumber("TOPIC_AUTHORIZATION_FAILED");

export const OffsetForLeaderEpoch = serve({
  request: OffsetForLeaderEpochRequest,
  response: OffsetForLeaderEpochResponse,
  refuse: ({ topics }, errorCode) => ({
    topics: topics.map(({ topic, partitions }) => ({
      topic,
      partitions: partitions.map(({ partition }) => ({ partition, errorCode })),
    })),
  }),
  handle: ({ topics }, context) => ({
    topics: topics.map(({ topic, partitions }) => ({
      topic,
      partitions: partitions.map(({ partition, currentLeaderEpoch, leaderEpoch }) => {
        const failed = (errorCode: number) => ({ partition, errorCode });
        if (!context.allows("DESCRIBE", "TOPIC", topic)) return failed(TOPIC_AUTHORIZATION_FAILED);
        const injected = context.injected({ topic, partition });
        if (injected !== NONE) return failed(injected);
        const found = context.cluster.topics.partition(topic, partition);
        if (found === undefined) return failed(UNKNOWN_TOPIC_OR_PARTITION);
        const epochRefusal = leaderEpochRefusal(found, currentLeaderEpoch);
        if (epochRefusal !== NONE) return failed(epochRefusal);
        if (found.leader !== context.broker.id) return failed(NOT_LEADER_OR_FOLLOWER);
        const end = found.log.epochs.endOffsetFor(leaderEpoch, found.log.endOffset);
        return { partition, errorCode: NONE, leaderEpoch: end.epoch, endOffset: end.endOffset };
      }),
    })),
  }),
});
