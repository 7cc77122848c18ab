import { ApiVersionsRequest, ApiVersionsResponse } from "../protocol/messages/api-versions.ts";
import {
  ConsumerGroupHeartbeatRequest,
  ConsumerGroupHeartbeatResponse,
} from "../protocol/messages/consumer-group-heartbeat.ts";
import { CreateTopicsRequest, CreateTopicsResponse } from "../protocol/messages/create-topics.ts";
import { DeleteTopicsRequest, DeleteTopicsResponse } from "../protocol/messages/delete-topics.ts";
import { FetchRequest, FetchResponse } from "../protocol/messages/fetch.ts";
import { FindCoordinatorRequest, FindCoordinatorResponse } from "../protocol/messages/find-coordinator.ts";
import { HeartbeatRequest, HeartbeatResponse } from "../protocol/messages/heartbeat.ts";
import { InitProducerIdRequest, InitProducerIdResponse } from "../protocol/messages/init-producer-id.ts";
import { JoinGroupRequest, JoinGroupResponse } from "../protocol/messages/join-group.ts";
import { LeaveGroupRequest, LeaveGroupResponse } from "../protocol/messages/leave-group.ts";
import { ListOffsetsRequest, ListOffsetsResponse } from "../protocol/messages/list-offsets.ts";
import { MetadataRequest, MetadataResponse } from "../protocol/messages/metadata.ts";
import { OffsetCommitRequest, OffsetCommitResponse } from "../protocol/messages/offset-commit.ts";
import { OffsetFetchRequest, OffsetFetchResponse } from "../protocol/messages/offset-fetch.ts";
import {
  OffsetForLeaderEpochRequest,
  OffsetForLeaderEpochResponse,
} from "../protocol/messages/offset-for-leader-epoch.ts";
import { ProduceRequest, ProduceResponse } from "../protocol/messages/produce.ts";
import { SaslAuthenticateRequest, SaslAuthenticateResponse } from "../protocol/messages/sasl-authenticate.ts";
import { SaslHandshakeRequest, SaslHandshakeResponse } from "../protocol/messages/sasl-handshake.ts";
import { SyncGroupRequest, SyncGroupResponse } from "../protocol/messages/sync-group.ts";
import type { Fields, MessageSchema } from "../protocol/schema.ts";

/** A request and the response to it. */
export interface Api<Request extends Fields, Response extends Fields> {
  readonly apiKey: number;
  readonly request: MessageSchema<Request>;
  readonly response: MessageSchema<Response>;
}

/** Pairs the two. */
export function api<Request extends Fields, Response extends Fields>(
  request: MessageSchema<Request>,
  response: MessageSchema<Response>,
): Api<Request, Response> {
  return { apiKey: request.apiKey as number, request, response };
}

export const ApiVersions = api(ApiVersionsRequest, ApiVersionsResponse);
export const ConsumerGroupHeartbeat = api(ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse);
export const CreateTopics = api(CreateTopicsRequest, CreateTopicsResponse);
export const DeleteTopics = api(DeleteTopicsRequest, DeleteTopicsResponse);
export const Fetch = api(FetchRequest, FetchResponse);
export const FindCoordinator = api(FindCoordinatorRequest, FindCoordinatorResponse);
export const Heartbeat = api(HeartbeatRequest, HeartbeatResponse);
export const InitProducerId = api(InitProducerIdRequest, InitProducerIdResponse);
export const JoinGroup = api(JoinGroupRequest, JoinGroupResponse);
export const LeaveGroup = api(LeaveGroupRequest, LeaveGroupResponse);
export const ListOffsets = api(ListOffsetsRequest, ListOffsetsResponse);
export const Metadata = api(MetadataRequest, MetadataResponse);
export const OffsetCommit = api(OffsetCommitRequest, OffsetCommitResponse);
export const OffsetFetch = api(OffsetFetchRequest, OffsetFetchResponse);
export const OffsetForLeaderEpoch = api(OffsetForLeaderEpochRequest, OffsetForLeaderEpochResponse);
export const Produce = api(ProduceRequest, ProduceResponse);
export const SaslAuthenticate = api(SaslAuthenticateRequest, SaslAuthenticateResponse);
export const SaslHandshake = api(SaslHandshakeRequest, SaslHandshakeResponse);
export const SyncGroup = api(SyncGroupRequest, SyncGroupResponse);
