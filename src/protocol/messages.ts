import { RequestHeader, ResponseHeader } from "./header.ts";
import { ApiVersionsRequest, ApiVersionsResponse } from "./messages/api-versions.ts";
import { CreateTopicsRequest, CreateTopicsResponse } from "./messages/create-topics.ts";
import { DeleteTopicsRequest, DeleteTopicsResponse } from "./messages/delete-topics.ts";
import { FetchRequest, FetchResponse } from "./messages/fetch.ts";
import { ListOffsetsRequest, ListOffsetsResponse } from "./messages/list-offsets.ts";
import { MetadataRequest, MetadataResponse } from "./messages/metadata.ts";
import { ProduceRequest, ProduceResponse } from "./messages/produce.ts";
import type { MessageSchema } from "./schema.ts";

/** Every message that is described here, by Kafka's name of it. */
export const messages: ReadonlyMap<string, MessageSchema> = new Map(
  [
    RequestHeader,
    ResponseHeader,
    ApiVersionsRequest,
    ApiVersionsResponse,
    CreateTopicsRequest,
    CreateTopicsResponse,
    DeleteTopicsRequest,
    DeleteTopicsResponse,
    FetchRequest,
    FetchResponse,
    ListOffsetsRequest,
    ListOffsetsResponse,
    MetadataRequest,
    MetadataResponse,
    ProduceRequest,
    ProduceResponse,
  ].map((schema: MessageSchema) => [schema.name, schema]),
);
